"""The simulation rig: the real order path against a seeded scheduler, a virtual clock and a venue with faults.

`python -m tests.simulation --help`; `docs/reliability.md` tells what it promises.
"""
