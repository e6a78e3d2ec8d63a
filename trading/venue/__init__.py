"""The simulated Alpaca: a venue of its own, with no Django, no database and no queue under it."""
