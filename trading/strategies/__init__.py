"""Rules: pure functions from a window of bars to a target. Ask `registry` for one by name."""
