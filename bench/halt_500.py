"""500 working entries canceled and confirmed, beside a bare client that does one cancel-all and one read-back."""

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bench.desk import Desk, desk
from bench.result import Result, median
from risk.models import HaltReceipt
from trading.broker.bare import BareBroker
from trading.halting import kill_switch
from trading.models import Order

ENTRIES, PROTECTED = 500, 50
RUNS = 3
GOAL = "<= 1 s and <= 3 x a bare cancel-all and read-back"


def run() -> list[Result]:
    """The plain case, 30 ms of network away, and with protective orders that must survive at Alpaca's 200 a minute."""
    return [
        _measure("halt_500", pull=_pull),
        _measure("halt_500_30ms", pull=_pull, delay=0.015),
        _measure("halt_500_protected", pull=_pull_protected, limit=200, held=PROTECTED),
    ]


def _measure(
    name: str, *, pull: Callable[[Desk], tuple[float, str]], delay: float = 0.0, limit: int = 0, held: int = 0
) -> Result:
    """Seconds from the pull until the broker had shown every entry as final; the first of both is for warming up."""
    floors, ours, notes = [], [], []
    with desk(delay=delay) as made:
        for _ in range(RUNS + 1):
            made.refresh()
            made.rest(ENTRIES)
            floors.append(_bare(made))
            if not held:
                made.refresh()
                made.rest(ENTRIES)
                seconds, note = pull(made)
                ours.append(seconds)
                notes.append(note)
    for _ in range(RUNS + 1 if held else 0):
        # Where requests are counted by the minute, each run has a venue, and so a minute, of its own.
        with desk(delay=delay, limit=limit) as made:
            made.hold(held)
            made.rest(ENTRIES)
            seconds, note = pull(made)
            ours.append(seconds)
            notes.append(note)
    value, floor = median(ours[1:]), median(floors[1:])
    sys.stderr.write(f"  {name}: {value:.3f} s, bare {floor:.3f} s; {notes[-1]}\n")
    met = value <= 1 and value <= 3 * floor
    return Result(name, value, "s", floor, value / floor, GOAL, RUNS, met, notes[-1])


def _pull(made: Desk) -> tuple[float, str]:
    began = time.monotonic()
    receipt = kill_switch.pull(account=made.account, level="H2", reason="bench", by="bench", now=datetime.now(UTC))
    assert receipt.complete, [line for line in receipt.lines if not line.confirmed][:3]
    assert not Order.objects.working().exists()
    return receipt.entries_final_after, f"receipt written after {time.monotonic() - began:.2f} s"


def _pull_protected(made: Desk) -> tuple[float, str]:
    receipt = kill_switch.pull(account=made.account, level="H2", reason="bench", by="bench", now=datetime.now(UTC))
    lines = HaltReceipt.objects.filter(action="re-arm")
    assert receipt.complete, [line for line in receipt.lines if not line.confirmed][:3]
    assert lines.count() == PROTECTED
    naked = max(float(line.detail.rpartition("naked for ")[2].split()[0]) for line in lines)
    return receipt.entries_final_after, f"{PROTECTED} stops live again, the last after {naked:.2f} s (<= 2 s)"


def _bare(made: Desk) -> float:
    """One DELETE, then the list until every order is final in it."""
    keys = made.keys
    broker = BareBroker(keys.base_url, keys.key.reveal(), keys.secret.reveal())
    broker.account_number()
    began = time.monotonic()
    asked = set(broker.cancel_all())
    after = (made.market_now - timedelta(seconds=61)).isoformat().replace("+00:00", "Z")
    while True:
        assert time.monotonic() - began < 30, "the venue does not show them as final"
        listed = broker._list("GET", f"/v2/orders?status=all&limit=500&nested=true&after={after}")
        final = {each["id"] for each in listed if each["status"] == "canceled"}
        if asked <= final:
            break
    took = time.monotonic() - began
    broker.close()
    assert len(asked) == ENTRIES, json.dumps(len(asked))
    return took
