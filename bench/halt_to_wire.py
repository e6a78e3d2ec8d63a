"""From the pull that button and command make to the cancel-all on the venue's wire, beside a bare client's request."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from bench.desk import Desk, desk
from bench.result import Result, percentile
from trading.broker.bare import BareBroker
from trading.halting import kill_switch

ENTRIES = 20
RUNS = 20
GOAL = "p95 <= 50 ms"


def run() -> list[Result]:
    """Latch, then cancel-all; what a page or a process needs before it pulls is not in it."""
    with desk() as made:
        floors = [_once(made, _bare) for _ in range(RUNS)]
        command = [_once(made, _pull) for _ in range(RUNS + 2)][2:]
    return [_result("halt_to_wire", command, floors)]


def _result(name: str, seconds: list[float], floors: list[float]) -> Result:
    value, floor = percentile(seconds, 0.95) * 1000, percentile(floors, 0.95) * 1000
    note = f"p50 {percentile(seconds, 0.5) * 1000:.1f} ms"
    return Result(name, value, "ms", floor, value / floor, GOAL, len(seconds), value <= 50, note)


def _once(made: Desk, act: Callable[[Desk], Callable[[], object]]) -> float:
    made.refresh()
    made.rest(ENTRIES)
    go = act(made)
    time.sleep(0.05)
    made.wire.forget()
    began = time.monotonic()
    go()
    return made.wire.seen("DELETE /v2/orders") - began


def _pull(made: Desk) -> Callable[[], object]:
    def go() -> object:
        return kill_switch.pull(account=made.account, level="H2", reason="bench", by="bench", now=datetime.now(UTC))

    return go


def _bare(made: Desk) -> Callable[[], object]:
    broker = BareBroker(made.keys.base_url, made.keys.key.reveal(), made.keys.secret.reveal())
    broker.account_number()
    return broker.cancel_all
