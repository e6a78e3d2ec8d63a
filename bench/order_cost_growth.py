"""What one order costs, from the signal to the venue's answer, with 4,000 open orders beside one with 100."""

import os

import psycopg

from bench.desk import desk
from bench.order_path import path, timed
from bench.result import Result, median, percentile

FEW, MANY = 100, 4_000
ROUNDS, WARM, RUNS = 3, 10, 40
GOAL = 1.5


def run() -> list[Result]:
    """The floor is the same path with few open orders, measured in turns with the other."""
    few: list[float] = []
    many: list[float] = []
    with desk() as made:
        for _ in range(ROUNDS):
            for resting, found in ((FEW, few), (MANY, many)):
                made.refresh()
                with path(made, resting=resting) as one:
                    _know()
                    found += [timed(one) for _ in range(WARM + RUNS)][WARM:]
    value, floor = median(many), median(few)
    note = f"p99 {percentile(many, 0.99):.1f} ms beside {percentile(few, 0.99):.1f} ms"
    goal = f"<= {GOAL} x that with {FEW}"
    return [
        Result("order_cost_growth", value, "ms", floor, value / floor, goal, len(many), value <= GOAL * floor, note)
    ]


def _know() -> None:
    """Let the planner know the tables, as autovacuum does by and by; the program's role may not."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("ANALYZE")
