"""A small venue in the middle of a trading day, and short words to drive it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from trading.venue.clock import VirtualClock
from trading.venue.exchange import Exchange
from trading.venue.identity import asset_id
from trading.venue.market import Bar
from trading.venue.values import Asset, OrderRequest, Refusal, SessionDay, VenueEvent, VenueOrder
from trading.venue.words import OrderStatus, OrderType, Side, TimeInForce

OPEN = datetime(2013, 1, 2, 14, 30, tzinfo=UTC)
ACCOUNT = "PA0001"
SESSIONS = [
    SessionDay((OPEN + timedelta(days=n)).date(), OPEN + timedelta(days=n), OPEN + timedelta(days=n, hours=6.5))
    for n in range(3)
]


def asset(symbol: str, **changes: Any) -> Asset:
    return Asset(asset_id(symbol), symbol, f"{symbol} Inc.", **changes)


class TradingDay:
    """An exchange with AAPL and IBM, one account, and a clock in lock-step that stands before the first open."""

    def __init__(self, *, cash: str = "100000", assets: list[Asset] | None = None) -> None:
        self.clock = VirtualClock(OPEN - timedelta(hours=12))
        self.exchange = Exchange(assets or [asset("AAPL"), asset("IBM")], SESSIONS, self.clock)
        self.exchange.open_account(ACCOUNT, cash=Decimal(cash))
        self.events: list[VenueEvent] = []
        self.exchange.subscribe(self.events.append)
        self.day = 0

    def open(self, day: int = 0) -> "TradingDay":
        self.day = day
        self.clock.jump(SESSIONS[day].open)
        self.exchange.open_session()
        return self

    def close(self) -> "TradingDay":
        self.clock.jump(SESSIONS[self.day].close)
        self.exchange.close_session()
        return self

    def bar(self, prices: str, volume: int = 100_000, symbol: str = "AAPL") -> "TradingDay":
        """Play the next minute; ``prices`` is ``open high low close``."""
        first, high, low, last = map(Decimal, prices.split())
        start = self.clock.now()
        self.clock.jump(start + timedelta(minutes=1))
        self.exchange.take_bar([Bar(symbol, start, first, high, low, last, volume, trade_count=10)])
        return self

    def buy(self, qty: str | None = "10", kind: OrderType = OrderType.MARKET, **more: Any) -> VenueOrder:
        return self.exchange.submit(ACCOUNT, request(Side.BUY, qty, kind, **more))

    def sell(self, qty: str | None = "10", kind: OrderType = OrderType.MARKET, **more: Any) -> VenueOrder:
        return self.exchange.submit(ACCOUNT, request(Side.SELL, qty, kind, **more))

    def now(self, order: VenueOrder) -> VenueOrder:
        """The order as it is now."""
        return self.exchange.order(ACCOUNT, order.id)

    def status(self, order: VenueOrder) -> OrderStatus:
        return self.now(order).status

    def cash(self) -> Decimal:
        return self.exchange.figures(ACCOUNT).cash

    def held(self, symbol: str = "AAPL") -> Decimal:
        return next((one.qty for one in self.exchange.positions(ACCOUNT) if one.symbol == symbol), Decimal(0))

    def told(self, order: VenueOrder) -> list[str]:
        """The names of the events of one order."""
        return [event.event.value for event in self.events if event.order.id == order.id]


def request(side: Side, qty: str | None, kind: OrderType = OrderType.MARKET, **more: Any) -> OrderRequest:
    """A request; every member that is a number may be given as text."""
    numbers = {"limit_price", "stop_price", "trail_price", "trail_percent", "notional"}
    given: dict[str, Any] = {
        name: Decimal(value) if name in numbers and value is not None else value for name, value in more.items()
    }
    given.setdefault("symbol", "AAPL")
    given.setdefault("time_in_force", TimeInForce.DAY)
    return OrderRequest(side=side, type=kind, qty=None if qty is None else Decimal(qty), **given)


def at_market(**more: Any) -> TradingDay:
    """A day that is open and has traded one minute: last 100.00, quote 100.00 by 100.01, 10 000 shares may fill."""
    return TradingDay(**more).open().bar("100 100.50 99.50 100")


def refused(act: Any) -> Refusal:
    """The refusal that ``act`` meets."""
    try:
        act()
    except Refusal as refusal:
        return refusal
    raise AssertionError("The venue did not refuse.")
