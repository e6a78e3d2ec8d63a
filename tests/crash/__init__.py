"""Real processes of the desk, ended and frozen at named points, and what must hold afterwards (`make crash`)."""
