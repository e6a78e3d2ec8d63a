"""Bugs planted on purpose, each in a copy of the program, to see that a test bites."""
