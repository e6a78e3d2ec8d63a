"""The broker port straight over the simulated exchange's engine: no socket and no JSON, the same values and errors."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal

from trading.broker import alpaca_bodies, in_process_values
from trading.broker.gateway import (
    AccountReport,
    AssetReport,
    BarReport,
    BrokerRejected,
    BrokerUnavailable,
    CalendarDay,
    CancelOutcome,
    ClockReport,
    FillReport,
    NewOrder,
    OrderReport,
    PositionReport,
    QuoteReport,
    Replacement,
)
from trading.choices import Timeframe
from trading.venue.exchange import Exchange
from trading.venue.values import Refusal, VenueEvent, VenueOrder

DUPLICATE = "client_order_id must be unique"
ORDERS_PER_PAGE = 500
FILLS_PER_PAGE = 100


class InProcessGateway:
    """One account of an exchange in this process. `now` is the exchange's own clock; one owner, one thread."""

    def __init__(self, exchange: Exchange, account_number: str, now: Callable[[], datetime]) -> None:
        self.account_number = account_number
        self._exchange, self._now = exchange, now

    def account(self) -> AccountReport:
        return in_process_values.account(self._exchange.figures(self.account_number))

    def suspend(self, *, suspended: bool) -> None:
        with _refusals():
            self._exchange.configure(self.account_number, {"suspend_trade": suspended})

    def shorting_allowed(self) -> bool:
        return self._exchange.configuration(self.account_number).get("no_shorting") is not True

    def forbid_shorting(self) -> None:
        with _refusals():
            self._exchange.configure(self.account_number, {"no_shorting": True})

    def submit(self, order: NewOrder) -> OrderReport:
        with _refusals():
            # The wire's own checks: what cannot be written there must not pass here.
            alpaca_bodies.order_body(order)
            try:
                return _report(self._exchange.submit(self.account_number, in_process_values.request(order)))
            except Refusal as refusal:
                if DUPLICATE not in refusal.message:
                    raise
            return _report(self._exchange.order_by_client_id(self.account_number, order.client_order_id))

    def replace(self, broker_order_id: str, change: Replacement) -> OrderReport:
        with _refusals():
            alpaca_bodies.replacement_body(change)
            try:
                changes = in_process_values.changes(change)
                return _report(self._exchange.replace(self.account_number, broker_order_id, changes))
            except Refusal as refusal:
                if DUPLICATE not in refusal.message:
                    raise
            return _report(self._exchange.order_by_client_id(self.account_number, change.client_order_id))

    def cancel(self, broker_order_id: str) -> None:
        with _refusals():
            self._exchange.cancel(self.account_number, broker_order_id)

    def cancel_all(self) -> tuple[CancelOutcome, ...]:
        lines = self._exchange.cancel_all(self.account_number)
        return tuple(
            CancelOutcome(line.key, line.status < 300, str((line.body or {}).get("message", ""))) for line in lines
        )

    def close_position(self, symbol: str, quantity: Decimal | None = None) -> OrderReport:
        with _refusals():
            return _report(self._exchange.close_position(self.account_number, symbol, qty=quantity))

    def order(self, broker_order_id: str) -> OrderReport | None:
        with _refusals():
            return _found(lambda: self._exchange.order(self.account_number, broker_order_id))

    def order_by_client_id(self, client_order_id: str) -> OrderReport | None:
        with _refusals():
            return _found(lambda: self._exchange.order_by_client_id(self.account_number, client_order_id))

    def open_orders(self) -> tuple[OrderReport, ...]:
        return self._orders("open", None)

    def orders_since(self, after: datetime) -> tuple[OrderReport, ...]:
        return self._orders("all", after)

    def fills_since(self, after: datetime) -> tuple[FillReport, ...]:
        fills: list[FillReport] = []
        while True:
            page = self._exchange.activities(
                self.account_number,
                after=after,
                direction="asc",
                page_size=FILLS_PER_PAGE,
                page_token=fills[-1].activity_id if fills else None,
            )
            fills.extend(map(in_process_values.fill, page))
            if len(page) < FILLS_PER_PAGE:
                return tuple(fills)

    def positions(self) -> tuple[PositionReport, ...]:
        return tuple(map(in_process_values.position, self._exchange.positions(self.account_number)))

    def clock(self) -> ClockReport:
        opens, closes = self._exchange.next_open(), self._exchange.next_close()
        if opens is None or closes is None:
            raise BrokerUnavailable("the venue's calendar ends before its next session; give it later days")
        return ClockReport(self._now(), self._exchange.is_open(), opens, closes)

    def calendar(self, start: date, end: date) -> tuple[CalendarDay, ...]:
        days = (day for day in self._exchange.calendar if start <= day.date <= end)
        return tuple(CalendarDay(day.date, day.open, day.close) for day in days)

    def asset(self, symbol: str) -> AssetReport | None:
        try:
            return in_process_values.asset(self._exchange.asset(symbol))
        except Refusal:
            return None

    def bars(
        self, symbols: Sequence[str], timeframe: Timeframe, start: datetime, end: datetime
    ) -> tuple[BarReport, ...]:
        read = self._exchange.daily_bars if timeframe == Timeframe.DAY else self._exchange.minute_bars
        with _refusals():
            return tuple(in_process_values.bar(each) for symbol in symbols for each in read(symbol, start, end))

    def quotes(self, symbols: Sequence[str]) -> tuple[QuoteReport, ...]:
        with _refusals():
            seen = (self._exchange.quote(symbol) for symbol in symbols)
            return tuple(in_process_values.quote(each) for each in seen if each is not None)

    def cancels_left(self) -> int | None:
        return None

    def close(self) -> None:
        """Nothing is held."""

    def listen(self, hear: Callable[[OrderReport], None]) -> Callable[[], None]:
        """Have every report of this account told as the stream would tell it; the returned function ends it."""

        def tell(event: VenueEvent) -> None:
            if event.account == self.account_number:
                hear(in_process_values.update(event))

        return self._exchange.subscribe(tell)

    def _orders(self, status: str, after: datetime | None) -> tuple[OrderReport, ...]:
        seen: list[OrderReport] = []
        while True:
            page = self._exchange.orders(
                self.account_number,
                status=status,
                limit=ORDERS_PER_PAGE,
                after=after,
                nested=True,
                before_order_id=seen[-1].broker_order_id if seen else None,
            )
            seen.extend(map(_report, page))
            if len(page) < ORDERS_PER_PAGE:
                return tuple(seen)


def _report(order: VenueOrder) -> OrderReport:
    return in_process_values.order(order)


def _found(read: Callable[[], VenueOrder]) -> OrderReport | None:
    try:
        return _report(read())
    except Refusal as refusal:
        if refusal.status == 404:
            return None
        raise


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        raise BrokerRejected(
            refusal.message, status=refusal.status, code=refusal.code, extra=dict(refusal.extra)
        ) from None
    except alpaca_bodies.BadRequest as problem:
        raise BrokerRejected(f"not sent: {problem}") from problem
