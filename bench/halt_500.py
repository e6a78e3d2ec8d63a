"""500 working entries canceled and confirmed, beside a bare client that does one cancel-all and one read-back."""

import json
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bench.desk import Desk, desk
from bench.result import Result, median
from risk.models import HaltReceipt
from trading.broker.bare import BareBroker
from trading.halting import kill_switch
from trading.models import Order

ENTRIES, PROTECTED = 500, 50
PAGE = 500
RUNS = 3
NAKED = 2.0
GOAL = "<= 1 s and <= 3 x a bare cancel-all and read-back"


def run() -> list[Result]:
    """The plain case, 30 ms of network away, and with protective orders that must survive at Alpaca's 200 a minute."""
    return [
        _measure("halt_500", pull=_pull),
        _measure("halt_500_30ms", pull=_pull, delay=0.015),
        _measure("halt_500_protected", pull=_pull_protected, limit=200, held=PROTECTED),
    ]


@dataclass(frozen=True, slots=True)
class _Pull:
    """Seconds until the broker had shown every entry as final, and the longest that shares lay bare."""

    seconds: float
    note: str
    naked: float = 0.0


def _measure(name: str, *, pull: Callable[[Desk], _Pull], delay: float = 0.0, limit: int = 0, held: int = 0) -> Result:
    """The bare client and the pull in turn on the same scene; the first of both is for warming up."""
    floors, ours = [], []
    with desk(delay=delay) as made:
        for _ in range(RUNS + 1):
            _scene(made, held)
            floors.append(_bare(made))
            # Where requests are counted by the minute, each run has a venue, and so a minute, of its own.
            with desk(delay=delay, limit=limit) if limit else nullcontext(made) as own:
                _scene(own, held)
                ours.append(pull(own))
    value, floor, last = median([each.seconds for each in ours[1:]]), median(floors[1:]), ours[-1]
    naked = max(each.naked for each in ours[1:])
    note = last.note + (f", naked for {naked:.2f} s at most (<= {NAKED:.0f} s)" if held else "")
    sys.stderr.write(f"  {name}: {value:.3f} s, bare {floor:.3f} s; {note}\n")
    met = value <= 1 and value <= 3 * floor and naked <= NAKED
    return Result(name, value, "s", floor, value / floor, GOAL, RUNS, met, note)


def _scene(made: Desk, held: int) -> None:
    made.refresh()
    if held:
        made.hold(held)
    made.rest(ENTRIES)


def _pull(made: Desk) -> _Pull:
    began = time.monotonic()
    receipt = kill_switch.pull(account=made.account, level="H2", reason="bench", by="bench", now=datetime.now(UTC))
    assert receipt.complete, [line for line in receipt.lines if not line.confirmed][:3]
    assert not Order.objects.working().exists()
    return _Pull(receipt.entries_final_after, f"receipt written after {time.monotonic() - began:.2f} s")


def _pull_protected(made: Desk) -> _Pull:
    receipt = kill_switch.pull(account=made.account, level="H2", reason="bench", by="bench", now=datetime.now(UTC))
    lines = HaltReceipt.objects.filter(action="re-arm")
    assert receipt.complete, [line for line in receipt.lines if not line.confirmed][:3]
    assert lines.count() == PROTECTED
    naked = max(float(line.detail.rpartition("naked for ")[2].split()[0]) for line in lines)
    return _Pull(receipt.entries_final_after, f"{PROTECTED} stops live again", naked)


def _bare(made: Desk) -> float:
    """One DELETE, then the list, page by page, until every order is final in it."""
    keys = made.keys
    broker = BareBroker(keys.base_url, keys.key.reveal(), keys.secret.reveal())
    broker.account_number()
    began = time.monotonic()
    asked = set(broker.cancel_all())
    while not asked <= _final(broker, made.market_now - timedelta(seconds=61), asked):
        assert time.monotonic() - began < 30, "the venue does not show them as final"
    took = time.monotonic() - began
    broker.close()
    assert len(asked) >= ENTRIES, json.dumps(len(asked))
    return took


def _final(broker: BareBroker, after: datetime, asked: set[str]) -> set[str]:
    """Canceled orders and legs submitted after an instant, newest first, until all that are `asked` for were seen."""
    seen, final, until = set[str](), set[str](), ""
    while True:
        path = f"/v2/orders?status=all&limit={PAGE}&nested=true&after={_written(after)}{until}"
        page = broker._list("GET", path)
        for each in [leg for order in page for leg in (order, *(order["legs"] or ()))]:
            seen.add(each["id"])
            final |= {each["id"]} if each["status"] == "canceled" else set()
        if len(page) < PAGE or asked <= seen:
            return final
        oldest = datetime.fromisoformat(min(order["submitted_at"] for order in page))
        until = f"&until={_written(oldest + timedelta(microseconds=1))}"


def _written(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")
