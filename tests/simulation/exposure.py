"""I5 and I13 by the rig's own sums: filled, open and in flight stay within the limits when an entry is made."""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal

from risk import policy
from tests.simulation.books import OrderRow, Rows
from tests.simulation.violations import Violation

ENDED = frozenset({"filled", "canceled", "expired", "rejected", "replaced", "withdrawn"})
MOVED = Decimal("1.04")
"""How far prices may have moved between the gate's look and the rig's: what is held is counted at cost here."""


def lower_is_stricter(name: str) -> bool:
    """Whether a lower value of the limit is the stricter one."""
    return policy.BOUNDS[name].stricter is policy.Stricter.LOWER


def judge(
    rows: Rows,
    limits: Sequence[tuple[str, str, str, Decimal]],
    equity: Mapping[str, Decimal],
    fresh: Sequence[OrderRow],
) -> None:
    """Judge accounts in which entries were approved. `limits` are those in force before the step."""
    for entry in fresh:
        own = _limits(limits, entry)
        worth = _worth(rows, entry.account)
        mine = worth[entry.symbol]
        most = min(own["position_usd"], own["position_fraction"] * equity[entry.account]) * MOVED
        if mine > most:
            raise Violation("I5", f"{entry.symbol} is worth {mine:.2f} with what is on its way, at most {most:.2f}")
        gross = min(own["gross_usd"], own["gross_fraction"] * equity[entry.account]) * MOVED
        if sum(worth.values()) > gross:
            raise Violation("I5", f"all symbols are worth {sum(worth.values()):.2f}, at most {gross:.2f}")
        if sum(1 for each in worth.values() if each) > own["positions"]:
            raise Violation("I5", f"{len(worth)} symbols are held or entered, at most {own['positions']}")
        _count(rows, entry, own)


def _count(rows: Rows, entry: OrderRow, own: Mapping[str, Decimal]) -> None:
    """Entries of the day are counted from rows that no restart forgets."""
    same_day = [
        each
        for each in rows.orders
        if each.is_root
        and not each.follows
        and each.purpose == "entry"
        and (each.account, each.session_date) == (entry.account, entry.session_date)
    ]
    in_symbol = sum(1 for each in same_day if each.symbol == entry.symbol)
    if len(same_day) > own["entries_day"] or in_symbol > own["entries_symbol_day"]:
        raise Violation("I13", f"{len(same_day)} entries today, {in_symbol} of them in {entry.symbol}")
    made = [each for each in rows.orders if each.is_root and not each.follows and each.signal is not None]
    signals = Counter(each.signal for each in made)
    if entry.signal is not None and signals[entry.signal] > 1:
        raise Violation("I1", f"one signal made {signals[entry.signal]} orders in {entry.symbol}")


def _worth(rows: Rows, account: str) -> Counter[str]:
    worth: Counter[str] = Counter()
    for (number, symbol), (quantity, price) in rows.positions.items():
        if number == account:
            worth[symbol] += abs(quantity) * price  # type: ignore[assignment]
    for row in rows.orders:
        if row.account == account and row.purpose == "entry" and row.is_root:
            left = (row.filled if row.status in ENDED else row.quantity) - row.booked
            worth[row.symbol] += left * (row.limit_price or Decimal(0))  # type: ignore[assignment]
    return worth


def _limits(limits: Sequence[tuple[str, str, str, Decimal]], entry: OrderRow) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for name, _, key, value in limits:
        if key in {"", entry.account, entry.symbol} and lower_is_stricter(name):
            found[name] = min(value, found.get(name, value))
    return found
