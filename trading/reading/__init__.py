"""Readers over many rows at once. They write nothing."""
