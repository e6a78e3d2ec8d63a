"""What must hold once all processes are back: the books are the venue's, nothing is open, nothing lies bare."""

from collections import Counter
from decimal import Decimal

from django.utils import timezone

from tests.crash.environment import NUMBER
from tests.crash.ledger import Books
from tests.crash.market import Arrival
from tests.venue import RunningVenue
from trading.venue.values import Execution
from trading.venue.words import OrderClass, Side
from trading.venue.words import OrderStatus as Theirs

LAG = 1.0
"""Seconds after a halt's commit within which an entry may still arrive: it had begun to leave."""


def violations(
    books: Books, venue: RunningVenue, arrivals: list[Arrival], *, halted_at: float | None, strangers: bool = False
) -> list[str]:
    """Every invariant that does not hold, in words."""
    found = [f"left open: {each}" for each in books.unsettled()]
    found += _sent(books, arrivals, halted_at)
    found += _equal(books, venue)
    found += [f"bare: {symbol}" for symbol in bare(books, venue)]
    if books.cases and not strangers:
        found.append(f"cases are open: {books.cases}")
    if books.poison:
        found.append(f"{books.poison} messages of the stream count as poison")
    return found


def _sent(books: Books, arrivals: list[Arrival], halted_at: float | None) -> list[str]:
    """Each intent is sent once, an entry's signal leads to one order, and no entry arrives after a halt."""
    twice = [client for client, count in Counter(each.client_id for each in arrivals).items() if count > 1]
    found = [f"sent twice: {client}" for client in twice]
    known = {each["client"]: each for each in books.orders}
    entries = Counter(
        each["signal"] for each in books.orders if each["purpose"] == "entry" and each["root"] and each["signal"]
    )
    found += [f"a signal led to {count} entries" for count in entries.values() if count > 1]
    for each in arrivals:
        row = known.get(each.client_id)
        if row is None:
            if not each.client_id.startswith("drill"):
                found.append(f"an order without a row arrived: {each}")
        elif halted_at is not None and row["purpose"] == "entry" and each.at > halted_at + LAG:
            found.append(f"{each.symbol} entered {each.at - halted_at:.1f} s after the halt")
    return found


def _equal(books: Books, venue: RunningVenue) -> list[str]:
    exchange = venue.venue.exchange
    executions = venue.call(lambda: _executions(venue))
    theirs = Counter((each.order_id, each.cum_qty, each.qty, each.price) for each in executions)
    ours = Counter(books.fills)
    found = [f"not booked: {each}" for each in (theirs - ours)] + [f"booked alone: {each}" for each in (ours - theirs)]
    held = {each.symbol: each.qty for each in venue.call(lambda: list(exchange.positions(NUMBER)))}
    if held != books.positions:
        found.append(f"positions are {books.positions} by our books, {held} at the venue")
    cash = venue.call(lambda: exchange.figures(NUMBER)).cash
    if books.cash is None or abs(books.cash - cash) >= Decimal("0.01"):
        found.append(f"cash is {books.cash} by our books, {cash} at the venue")
    return found


def record() -> list[str]:
    """What is wrong with the record: it is sealed to its end and verified as the command does."""
    from audit import export, sealing, verifier

    sealing.seal(now=timezone.now())
    report = verifier.verify(export.lines(), "")
    return [] if report.intact else [f"the record does not verify: {report.problems}"]


def _executions(venue: RunningVenue) -> list[Execution]:
    found: list[Execution] = []
    exchange = venue.venue.exchange
    while page := exchange.activities(NUMBER, direction="asc", page_token=found[-1].activity_id if found else None):
        found += page
    return found


def bare(books: Books, venue: RunningVenue) -> list[str]:
    """Symbols held without an open order at the venue that protects or closes them."""
    exchange = venue.venue.exchange
    resting = venue.call(lambda: list(exchange.orders(NUMBER, limit=500)))
    found = []
    for symbol, shares in books.positions.items():
        covered = sum(
            each.remaining
            for each in resting
            if (each.symbol, each.side) == (symbol, Side.SELL)
            and each.status is not Theirs.PENDING_CANCEL
            and (each.stop_price is not None or each.order_class is OrderClass.SIMPLE)
        )
        if shares < 0 or covered < shares:
            found.append(symbol)
    return found
