"""Reading an account: lists of orders, holdings, activities and equity. Nothing here changes anything."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice

from trading.venue import margin
from trading.venue.accounts import EquityMark, VenueAccount
from trading.venue.refusals import invalid
from trading.venue.tape import Tape
from trading.venue.values import ZERO, Asset, Execution, PortfolioHistory, Position, VenueOrder
from trading.venue.words import Side

MOST_ORDERS = 500
MOST_ACTIVITIES = 100
_FRAMES = {"1Min": 1, "5Min": 5, "15Min": 15, "1H": 60}


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders are asked for; ``after`` and ``until`` compare the submission time and are exclusive.

    ``before`` and ``beyond`` are time priorities (``VenueOrder.sequence``), exclusive too.
    """

    status: str = "open"
    limit: int = 50
    after: datetime | None = None
    until: datetime | None = None
    direction: str = "desc"
    symbols: frozenset[str] | None = None
    side: Side | None = None
    nested: bool = False
    before: int | None = None
    beyond: int | None = None

    def __post_init__(self) -> None:
        if self.status not in ("open", "closed", "all"):
            raise invalid(f"invalid status {self.status}: use open, closed or all")
        if self.direction not in ("asc", "desc"):
            raise invalid(f"invalid direction {self.direction}: use asc or desc")
        if not 1 <= self.limit <= MOST_ORDERS:
            raise invalid(f"limit must be between 1 and {MOST_ORDERS}")

    def admits(self, order: VenueOrder) -> bool:
        return self._admits_status(order) and self._admits_time(order) and self._admits_kind(order)

    def _admits_status(self, order: VenueOrder) -> bool:
        if self.nested and order.is_leg:
            return False
        if self.status == "all":
            return True
        family = (order, *order.legs) if self.nested else (order,)
        return any(one.is_open for one in family) == (self.status == "open")

    def _admits_time(self, order: VenueOrder) -> bool:
        if self.before is not None and order.sequence >= self.before:
            return False
        if self.beyond is not None and order.sequence <= self.beyond:
            return False
        if self.after is not None and order.submitted_at <= self.after:
            return False
        return self.until is None or order.submitted_at < self.until

    def _admits_kind(self, order: VenueOrder) -> bool:
        if self.symbols is not None and order.symbol not in self.symbols:
            return False
        return self.side is None or order.side is self.side


def orders(account: VenueAccount, wanted: OrderFilter) -> list[VenueOrder]:
    """Snapshots of the orders that match, at most ``limit``."""
    found: list[VenueOrder] = []
    for order in _candidates(account, wanted):
        if len(found) == wanted.limit:
            break
        if wanted.admits(order):
            taken = order.snapshot()
            if not wanted.nested:
                taken.legs = []
            found.append(taken)
    return found


def _candidates(account: VenueAccount, wanted: OrderFilter) -> Iterator[VenueOrder]:
    descending = wanted.direction == "desc"
    if wanted.status != "open":
        # The history is in order of submission, so the times asked for cut it without looking at every order ever.
        first = 0 if wanted.after is None else bisect_right(account.history, wanted.after, key=_submitted)
        last = None if wanted.until is None else bisect_left(account.history, wanted.until, key=_submitted)
        return reversed(account.history[first:last]) if descending else islice(account.history, first, last)
    # A filled entry is closed, yet shown nested as long as one of its exits is open.
    living = {(order.parent or order).id if wanted.nested else order.id for order in account.open.values()}
    chosen = [account.orders[one] for one in living]
    return iter(sorted(chosen, key=lambda order: (order.submitted_at, order.sequence, order.id), reverse=descending))


def _submitted(order: VenueOrder) -> datetime:
    return order.submitted_at


def position(account: VenueAccount, asset: Asset, tape: Tape) -> Position:
    """The holding in ``asset``; it must exist."""
    holding = account.ledger.holdings[asset.symbol]
    average = holding.average_price
    current = tape.last(asset.symbol) or average
    before = tape.last_close(asset.symbol) or current
    value = holding.qty * current
    held, _ = margin.held_for_orders(account, asset.symbol)
    free = max(abs(holding.qty) - held, ZERO)
    gain, day_gain = value - holding.cost, value - holding.day_cost
    return Position(
        symbol=asset.symbol,
        asset=asset,
        qty=holding.qty,
        qty_available=free if holding.qty > ZERO else -free,
        avg_entry_price=average,
        cost_basis=holding.cost,
        market_value=value,
        current_price=current,
        lastday_price=before,
        change_today=_fraction(current - before, before),
        unrealized_pl=gain,
        unrealized_plpc=_fraction(gain, abs(holding.cost)),
        unrealized_intraday_pl=day_gain,
        unrealized_intraday_plpc=_fraction(day_gain, abs(holding.day_cost)),
    )


def activities(
    account: VenueAccount,
    *,
    after: datetime | None,
    until: datetime | None,
    direction: str,
    page_size: int,
    page_token: str | None,
    order_id: str | None,
) -> list[Execution]:
    """One page of fills. Raises ``Refusal`` 422 on a bad size, direction or token."""
    if not 1 <= page_size <= MOST_ACTIVITIES:
        raise invalid(f"page_size must be between 1 and {MOST_ACTIVITIES}")
    if direction not in ("asc", "desc"):
        raise invalid(f"invalid direction {direction}: use asc or desc")
    step = -1 if direction == "desc" else 1
    start = len(account.executions) - 1 if step < 0 else 0
    if page_token is not None:
        if page_token not in account.activity_index:
            raise invalid("invalid page_token")
        start = account.activity_index[page_token] + step
    found: list[Execution] = []
    for index in range(start, -1 if step < 0 else len(account.executions), step):
        execution = account.executions[index]
        is_listed = execution.activity_id not in account.busted and order_id in (None, execution.order_id)
        if is_listed and _inside(execution.at, after, until):
            found.append(execution)
            if len(found) == page_size:
                break
    return found


def portfolio_history(
    account: VenueAccount, timeframe: str, start: datetime | None, end: datetime | None
) -> PortfolioHistory:
    """Equity at session closes (``1D``) or at minutes; profit is measured from the first value's base."""
    if timeframe == "1D":
        marks: Sequence[EquityMark] = account.closes
        frame = timedelta(days=1)
    elif timeframe in _FRAMES:
        marks, frame = tuple(account.minutes), timedelta(minutes=_FRAMES[timeframe])
    else:
        raise invalid(f"invalid timeframe {timeframe}: use {', '.join(_FRAMES)} or 1D")
    chosen = [mark for mark in marks if (start is None or mark.at >= start) and (end is None or mark.at <= end)]
    windows = {_left(mark.at, frame): mark for mark in chosen}
    base = _base(marks, chosen, account)
    equity = [mark.equity for mark in windows.values()]
    profit = [value - base for value in equity]
    return PortfolioHistory(timeframe, base, list(windows), equity, profit, [_fraction(gain, base) for gain in profit])


def _base(marks: Sequence[EquityMark], chosen: Sequence[EquityMark], account: VenueAccount) -> Decimal:
    earlier = [mark for mark in marks if chosen and mark.at < chosen[0].at]
    return earlier[-1].equity if earlier else account.opening_equity


def _left(at: datetime, frame: timedelta) -> datetime:
    """The left edge of the window that ends at or after ``at``; a session close stands for its whole day."""
    if frame >= timedelta(days=1):
        return at
    seconds = int(frame.total_seconds())
    stamp = int(at.timestamp()) - 1
    return datetime.fromtimestamp(stamp - stamp % seconds, tz=at.tzinfo)


def _inside(at: datetime, after: datetime | None, until: datetime | None) -> bool:
    return (after is None or at > after) and (until is None or at <= until)


def _fraction(part: Decimal, whole: Decimal) -> Decimal:
    return part / whole if whole else ZERO
