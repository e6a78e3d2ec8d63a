"""The broker port straight over the simulated exchange's engine: no socket and no JSON, the same values and errors."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date, datetime
from decimal import Decimal

from trading import error_rules
from trading.broker import alpaca_bodies, in_process_faults, in_process_values, settling
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
    TransferReport,
)
from trading.choices import Timeframe
from trading.error_rules import Fault
from trading.venue.exchange import Exchange
from trading.venue.faults.company import FaultyCompany
from trading.venue.faults.plan import Plan
from trading.venue.faults.prices import ShownMarket
from trading.venue.faults.telling import Telling
from trading.venue.faults.window import Window
from trading.venue.values import Execution, Refusal, VenueEvent, VenueOrder

ORDERS_PER_PAGE = 500
FILLS_PER_PAGE = 100


class InProcessGateway:
    """One account of an exchange in this process. `now` is the exchange's own clock; one owner, one thread.

    With a `company` it meets that company's planned faults, as a gateway on the wire would.
    """

    def __init__(
        self,
        exchange: Exchange,
        account_number: str,
        now: Callable[[], datetime],
        company: FaultyCompany | None = None,
    ) -> None:
        self.account_number = account_number
        self._exchange, self._now = exchange, now
        self._window: Exchange | Window = exchange if company is None else company.window
        self._shown: Exchange | ShownMarket = exchange if company is None else company.shown
        self._company = company
        self._plan = None if company is None else company.plan

    def account(self) -> AccountReport:
        return self._call("account", lambda: in_process_values.account(self._exchange.figures(self.account_number)))

    def suspend(self, *, suspended: bool) -> None:
        self._call("configure", lambda: self._exchange.configure(self.account_number, {"suspend_trade": suspended}))

    def shorting_allowed(self) -> bool:
        configured = self._call("configuration", lambda: self._exchange.configuration(self.account_number))
        return configured.get("no_shorting") is not True

    def forbid_shorting(self) -> None:
        self._call("configure", lambda: self._exchange.configure(self.account_number, {"no_shorting": True}))

    def submit(self, order: NewOrder) -> OrderReport:
        with _refusals():
            # The wire's own checks: what cannot be written there must not pass here.
            alpaca_bodies.order_body(order)
        request = in_process_values.request(order)
        try:
            return self._call(
                "submit", lambda: _report(self._window.submit(self.account_number, request)), order.symbol
            )
        except BrokerRejected as refusal:
            if error_rules.of_refusal(refusal.status, refusal.reason) is not Fault.DUPLICATE_ID:
                raise
            return settling.adopt(self, order.client_order_id, refusal)

    def replace(self, broker_order_id: str, change: Replacement) -> OrderReport:
        with _refusals():
            alpaca_bodies.replacement_body(change)
        changes = in_process_values.changes(change)
        try:
            return self._call_on(
                "replace",
                broker_order_id,
                lambda: _report(self._window.replace(self.account_number, broker_order_id, changes)),
            )
        except BrokerRejected as refusal:
            match error_rules.of_refusal(refusal.status, refusal.reason):
                case Fault.DUPLICATE_ID:
                    return settling.adopt(self, change.client_order_id, refusal)
                case Fault.NOT_REPLACEABLE:
                    return settling.replaced_after_all(self, broker_order_id, change.client_order_id, refusal)
                case _:
                    raise

    def cancel(self, broker_order_id: str) -> None:
        self._call_on("cancel", broker_order_id, lambda: self._window.cancel(self.account_number, broker_order_id))

    def cancel_all(self) -> tuple[CancelOutcome, ...]:
        lines = self._call("cancel_all", lambda: self._window.cancel_all(self.account_number))
        return tuple(
            CancelOutcome(line.key, line.status < 300, str((line.body or {}).get("message", ""))) for line in lines
        )

    def close_position(self, symbol: str, quantity: Decimal | None = None) -> OrderReport:
        def close() -> OrderReport:
            return _report(self._window.close_position(self.account_number, symbol, qty=quantity, percentage=None))

        return self._call("close", close, symbol)

    def order(self, broker_order_id: str) -> OrderReport | None:
        return self._call_on(
            "order", broker_order_id, lambda: _found(lambda: self._window.order(self.account_number, broker_order_id))
        )

    def order_by_client_id(self, client_order_id: str) -> OrderReport | None:
        return self._call_on(
            "look_up",
            client_order_id,
            lambda: _found(lambda: self._window.order_by_client_id(self.account_number, client_order_id)),
        )

    def open_orders(self) -> tuple[OrderReport, ...]:
        return self._orders("open", None)

    def orders_since(self, after: datetime, *, wanted: Collection[str] = ()) -> tuple[OrderReport, ...]:
        del wanted  # here a list has no pages to be spared
        return self._orders("all", after)

    def fills_since(self, after: datetime) -> tuple[FillReport, ...]:
        fills: list[FillReport] = []
        while True:
            page = self._call("activities", lambda: self._fills(after, fills[-1].activity_id if fills else None))
            fills.extend(map(in_process_values.fill, page))
            if len(page) < FILLS_PER_PAGE:
                return tuple(fills)

    def transfers_since(self, after: datetime) -> tuple[TransferReport, ...]:
        found = self._call("activities", lambda: self._exchange.transfers(self.account_number, after))
        return tuple(TransferReport(each.activity_id, each.kind, each.amount, each.at) for each in found)

    def positions(self) -> tuple[PositionReport, ...]:
        return self._call(
            "positions",
            lambda: tuple(map(in_process_values.position, self._exchange.positions(self.account_number))),
        )

    def clock(self) -> ClockReport:
        def read() -> ClockReport:
            opens, closes = self._exchange.next_open(), self._exchange.next_close()
            if opens is None or closes is None:
                raise BrokerUnavailable("the venue's calendar ends before its next session; give it later days")
            return ClockReport(self._now(), self._exchange.is_open(), opens, closes)

        return self._call("clock", read)

    def calendar(self, start: date, end: date) -> tuple[CalendarDay, ...]:
        days = self._call("calendar", lambda: [day for day in self._exchange.calendar if start <= day.date <= end])
        return tuple(CalendarDay(day.date, day.open, day.close) for day in days)

    def asset(self, symbol: str) -> AssetReport | None:
        def read() -> AssetReport | None:
            try:
                return in_process_values.asset(self._exchange.asset(symbol))
            except Refusal:
                return None

        return self._call("assets", read, symbol)

    def bars(
        self, symbols: Sequence[str], timeframe: Timeframe, start: datetime, end: datetime
    ) -> tuple[BarReport, ...]:
        read = self._shown.daily_bars if timeframe == Timeframe.DAY else self._shown.minute_bars
        seen = self._call("bars", lambda: [bar for symbol in symbols for bar in read(symbol, start, end)], *symbols)
        return tuple(in_process_values.bar(each) for each in seen if in_process_values.is_usable_bar(each))

    def quotes(self, symbols: Sequence[str]) -> tuple[QuoteReport, ...]:
        seen = self._call("quotes", lambda: [self._shown.quote(symbol) for symbol in symbols], *symbols)
        usable = (each for each in seen if each is not None and in_process_values.is_usable_quote(each))
        return tuple(map(in_process_values.quote, usable))

    def urgently(self) -> AbstractContextManager[None]:
        return nullcontext()

    def cancels_left(self) -> int | None:
        return None

    def close(self) -> None:
        """Nothing is held."""

    def listen(
        self,
        hear: Callable[[OrderReport], None],
        *,
        hang_up: Callable[[], None] = lambda: None,
        unreadable: Callable[[], None] = lambda: None,
    ) -> Callable[[], None]:
        """Have every report of this account told as the stream would tell it; the returned function ends it.

        Of planned faults, `hang_up` is called where the stream is closed, `unreadable` for a message without data.
        """
        plan = self._plan or Plan()
        telling = Telling(plan, in_process_faults.REPORTS, lambda account, code, complaining: hang_up())

        def tell(reports: Iterable[OrderReport | None]) -> None:
            for report in reports:
                if report is None:
                    unreadable()
                else:
                    hear(report)

        def happened(event: VenueEvent) -> None:
            if event.account == self.account_number:
                tell(telling.pass_on(event.account, in_process_values.update(event)))

        if self._company is not None:
            self._company.after_steps.append(lambda: tell(telling.rest(self.account_number)))
        return self._exchange.subscribe(happened)

    def _call[T](self, kind: str, do: Callable[[], T], *symbols: str) -> T:
        with _refusals():
            return in_process_faults.through(self._plan, kind, self.account_number, symbols, do)

    def _call_on[T](self, kind: str, order: str, do: Callable[[], T]) -> T:
        """A call on one order, by either of its ids."""
        symbol = None if self._company is None else self._company.window.symbol_of(self.account_number, order)
        return self._call(kind, do, *([symbol] if symbol else []))

    def _orders(self, status: str, after: datetime | None) -> tuple[OrderReport, ...]:
        seen: list[OrderReport] = []

        def read() -> tuple[OrderReport, ...]:
            page = self._window.orders(
                self.account_number,
                status=status,
                limit=ORDERS_PER_PAGE,
                after=after,
                nested=True,
                before_order_id=seen[-1].broker_order_id if seen else None,
            )
            return tuple(map(_report, page))

        while True:
            page = self._call("orders", read)
            seen.extend(page)
            if len(page) < ORDERS_PER_PAGE:
                return tuple(seen)

    def _fills(self, after: datetime, token: str | None) -> list[Execution]:
        return self._exchange.activities(
            self.account_number, after=after, direction="asc", page_size=FILLS_PER_PAGE, page_token=token
        )


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
