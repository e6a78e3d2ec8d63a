"""Faults the venue can be told to have: what is known (`menu`), when it strikes (`plan`), and where it shows."""
