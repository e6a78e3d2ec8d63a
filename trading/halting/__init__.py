"""Stopping: the latch first, then what rests at the broker, then read back until it is certain."""
