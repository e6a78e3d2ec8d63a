"""Indicators over a window of bars: float in, float out, never a price. Ask `registry`."""
