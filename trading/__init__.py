"""What acts: strategies, orders, positions, the broker and the simulated venue."""
