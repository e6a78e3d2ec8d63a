"""The broker port over Alpaca's REST interface, paper, live or simulated: only the address differs."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import quote

from trading import error_rules
from trading.broker import alpaca_bodies, alpaca_figures, alpaca_http, alpaca_pages, alpaca_wire, settling, wire_scalars
from trading.broker.alpaca_calls import Caller
from trading.broker.breaker import Group
from trading.broker.budget import Urgency
from trading.broker.credentials import UNPINNED, Credentials
from trading.broker.gateway import (
    AccountReport,
    AssetReport,
    BarReport,
    BrokerRejected,
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
from trading.broker.safeguards import Own, Safeguards
from trading.choices import Timeframe
from trading.error_rules import Fault

CONFIGURATIONS = "/account/configurations"


class AlpacaGateway:
    """One account at Alpaca over two kept connections (trading, data). Not for use by two threads.

    Before its first order it makes sure that the keys open the account they are configured for.
    """

    def __init__(
        self,
        given: Credentials,
        *,
        feed: str = "iex",
        trading: Safeguards | None = None,
        data: Safeguards | None = None,
    ) -> None:
        self.account_number = given.number
        self._feed = feed
        self._pinned = given.number == UNPINNED
        transits = alpaca_http.Transit(), alpaca_http.Transit()
        self._clients = alpaca_http.trading_client(given, transits[0]), alpaca_http.data_client(given, transits[1])
        self._trading = Caller(self._clients[0], transits[0], trading or Own())
        self._data = Caller(self._clients[1], transits[1], data or Own())

    # The account

    def account(self) -> AccountReport:
        """Figures and flags now. Raises `BrokerRejected` where the keys open another account than configured."""
        report = self._trading.read(Group.ACCOUNT, "/account", alpaca_figures.account_report)
        if self.account_number not in (UNPINNED, report.number):
            raise BrokerRejected(
                f"the keys of account {self.account_number} open account {report.number}; correct the configuration"
            )
        self._pinned = True
        return report

    def suspend(self, *, suspended: bool) -> None:
        """Block or free new orders at the broker. It cancels nothing."""
        if not suspended:
            self._pin()
        self._configure("suspend_trade", suspended, Urgency.URGENT if suspended else Urgency.ORDINARY)

    def shorting_allowed(self) -> bool:
        """Whether the account's settings let a short sale through; a setting that is not told counts as allowing."""
        return self._trading.read(Group.ACCOUNT, CONFIGURATIONS, _shorting_allowed)

    def forbid_shorting(self) -> None:
        """Set `no_shorting` at the broker."""
        self._pin()
        self._configure("no_shorting", True, Urgency.ORDINARY)

    def _configure(self, name: str, value: bool, urgency: Urgency) -> None:
        configured = partial(_configured, name=name, value=value)
        self._trading.change("PATCH", Group.ACCOUNT, CONFIGURATIONS, configured, {name: value}, urgency=urgency)

    # Orders

    def submit(self, order: NewOrder) -> OrderReport:
        """Send an order once. An answer that its id is taken means it exists: its own report is returned then."""
        body = _buildable(alpaca_bodies.order_body, order)
        self._pin()
        read = partial(_own_order, client_order_id=order.client_order_id)
        try:
            return self._trading.change("POST", Group.SUBMIT, "/orders", read, body)
        except BrokerRejected as refusal:
            if error_rules.of_refusal(refusal.status, refusal.reason) is not Fault.DUPLICATE_ID:
                raise
            return settling.adopt(self, order.client_order_id, refusal)

    def replace(self, broker_order_id: str, change: Replacement) -> OrderReport:
        """Ask for a working order to be swapped; the report is of the new order, and a fill may still win the race."""
        body = _buildable(alpaca_bodies.replacement_body, change)
        self._pin()
        read = partial(_own_order, client_order_id=change.client_order_id)
        try:
            return self._trading.change("PATCH", Group.SUBMIT, f"/orders/{_path(broker_order_id)}", read, body)
        except BrokerRejected as refusal:
            match error_rules.of_refusal(refusal.status, refusal.reason):
                case Fault.DUPLICATE_ID:
                    return settling.adopt(self, change.client_order_id, refusal)
                case Fault.NOT_REPLACEABLE:
                    return settling.replaced_after_all(self, broker_order_id, change.client_order_id, refusal)
                case _:
                    raise

    def cancel(self, broker_order_id: str) -> None:
        """Ask for an order to be canceled; only a later report tells whether it was."""
        path = f"/orders/{_path(broker_order_id)}"
        self._trading.change("DELETE", Group.CANCEL, path, _nothing, urgency=Urgency.URGENT)

    def cancel_all(self) -> tuple[CancelOutcome, ...]:
        """Ask for every open order to be canceled, in one request."""
        return self._trading.change(
            "DELETE", Group.CANCEL, "/orders", alpaca_wire.cancel_outcomes, urgency=Urgency.URGENT
        )

    def close_position(self, symbol: str, quantity: Decimal | None = None) -> OrderReport:
        """Sell (or buy back) a holding at market; the broker names the order, and never more than is held goes."""
        params = None if quantity is None else {"qty": _buildable(alpaca_bodies.exact, quantity)}
        self._pin()
        path = f"/positions/{_path(symbol)}"
        return self._trading.change("DELETE", Group.CANCEL, path, _an_order, params, urgency=Urgency.URGENT)

    def order(self, broker_order_id: str) -> OrderReport | None:
        """Return the order with its legs, or None where the broker has none: no proof within the first minute."""
        return self._found(f"/orders/{_path(broker_order_id)}", {"nested": "true"}, Group.ORDERS, _an_order)

    def order_by_client_id(self, client_order_id: str) -> OrderReport | None:
        """Return the order under our id, or None where the broker has none: no proof within the first minute."""
        params = {"client_order_id": client_order_id}
        return self._found("/orders:by_client_order_id", params, Group.ORDERS, _an_order)

    def open_orders(self) -> tuple[OrderReport, ...]:
        return alpaca_pages.orders(self._trading, "open")

    def orders_since(self, after: datetime, *, wanted: Collection[str] = ()) -> tuple[OrderReport, ...]:
        return alpaca_pages.orders(self._trading, "all", after, wanted=wanted)

    def fills_since(self, after: datetime) -> tuple[FillReport, ...]:
        return alpaca_pages.fills(self._trading, after)

    def transfers_since(self, after: datetime) -> tuple[TransferReport, ...]:
        return alpaca_pages.transfers(self._trading, after)

    def positions(self) -> tuple[PositionReport, ...]:
        return self._trading.read(Group.ACCOUNT, "/positions", alpaca_figures.position_reports)

    # The market

    def clock(self) -> ClockReport:
        return self._trading.read(Group.MARKET, "/clock", alpaca_figures.clock_report)

    def calendar(self, start: date, end: date) -> tuple[CalendarDay, ...]:
        params = {"start": start.isoformat(), "end": end.isoformat()}
        return self._trading.read(Group.MARKET, "/calendar", alpaca_figures.calendar_days, params)

    def asset(self, symbol: str) -> AssetReport | None:
        return self._found(f"/assets/{_path(symbol)}", None, Group.MARKET, alpaca_figures.asset_report)

    def bars(
        self, symbols: Sequence[str], timeframe: Timeframe, start: datetime, end: datetime
    ) -> tuple[BarReport, ...]:
        """Bars that start within `start` and `end`, both included, adjusted for splits; symbol by symbol."""
        if not symbols:
            return ()
        params = {
            "symbols": ",".join(symbols),
            "timeframe": str(timeframe),
            "start": alpaca_pages.written(start),
            "end": alpaca_pages.written(end),
            "adjustment": "split",
            "feed": self._feed,
        }
        return tuple(alpaca_pages.bars(self._data, params))

    def quotes(self, symbols: Sequence[str]) -> tuple[QuoteReport, ...]:
        if not symbols:
            return ()
        params = {"symbols": ",".join(symbols), "feed": self._feed}
        return self._data.read(Group.PRICES, "/stocks/quotes/latest", _quotes, params)

    @contextmanager
    def urgently(self) -> Iterator[None]:
        with self._trading.urgently(), self._data.urgently():
            yield

    def cancels_left(self) -> int | None:
        return self._trading.left(Urgency.URGENT)

    def close(self) -> None:
        for client in self._clients:
            alpaca_http.close(client)

    # What stands behind the calls

    def _pin(self) -> None:
        if not self._pinned:
            self.account()

    def _found[T](self, path: str, params: dict[str, Any] | None, group: Group, parse: Callable[[Any], T]) -> T | None:
        try:
            return self._trading.read(group, path, parse, params)
        except BrokerRejected as refusal:
            if refusal.status == 404:
                return None
            raise


def _own_order(body: Any, *, client_order_id: str) -> OrderReport:
    report = _an_order(body)
    if report.client_order_id != client_order_id:
        raise wire_scalars.WireError("order: the answer is of another order than was sent")
    return report


def _an_order(body: Any) -> OrderReport:
    report = alpaca_wire.order_report(body)
    if not report.broker_order_id:
        raise wire_scalars.WireError("order: it has no id")
    return report


def _configured(body: Any, *, name: str, value: bool) -> None:
    if wire_scalars.member(body, "configuration").get(name) is not value:
        raise wire_scalars.WireError(f"configuration: {name} is not {value} after it was asked for")


def _shorting_allowed(body: Any) -> bool:
    return wire_scalars.member(body, "configuration").get("no_shorting") is not True


def _quotes(body: Any) -> tuple[QuoteReport, ...]:
    return tuple(alpaca_figures.quote_reports(wire_scalars.member(body, "quotes answer").get("quotes")))


def _nothing(body: Any) -> None:
    """A cancel's 204 has no body, and whatever a proxy puts there says nothing."""


def _buildable[P, B](build: Callable[[P], B], value: P) -> B:
    try:
        return build(value)
    except alpaca_bodies.BadRequest as problem:
        raise BrokerRejected(f"not sent: {problem}") from problem


def _path(part: str) -> str:
    # Without an id `DELETE /orders/{id}` would be cancel-all.
    if not part.strip(".") or not part.strip():
        raise BrokerRejected(f"not sent: {part!r} names no order and no symbol")
    return quote(part, safe="")
