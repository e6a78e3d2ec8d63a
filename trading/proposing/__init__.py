"""What is wanted of a position: entries, exits and protection, each put before the gate (`decisions`)."""
