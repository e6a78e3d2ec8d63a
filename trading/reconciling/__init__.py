"""Comparing our books with the broker's, and what follows from a difference, a day and its signature."""
