"""How trading went, what is at risk, and where a market is heading: figures for people, never an input to an order."""
