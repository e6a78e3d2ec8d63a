"""Exercising the emergency stop: the latch must refuse, and the broker must confirm the cancel of a real order.

The order is one share at half the market, so that it cannot fill; it is the one order that does not pass the gate,
because the gate would rightly deny it. Its client id begins with `healing.DRILL` and tells everyone what it is; one
that an earlier drill left behind is canceled first, and by every healing.
"""

import time
import uuid
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from audit import trail
from risk import gate, halts
from risk.models import halt
from trading import healing, market_data, orders, sizing
from trading.broker import gateway as port
from trading.choices import Mode, OrderType, Purpose, Side, TimeInForce
from trading.models import Account, Bar
from trading.proposing import decisions

STRATEGY = halt.DRILL
"""A strategy that never trades: its halt stands for ever, and proves that the latch refuses."""

PATIENCE = 5.0
"""Seconds within which the broker must show the cancel as final, or an order whose answer was lost."""

HALF = Decimal("0.5")


class Failed(Exception):
    """The emergency stop did not do what it must; the text says where."""


def exercise(account: Account, gateway: port.BrokerGateway, *, now: datetime) -> str:
    """Prove latch and cancel; returns the proof in words. At a real live account only the latch is exercised.

    Raises:
        Failed: the latch let an entry pass, or the cancel was not confirmed in time.
        port.BrokerError: the broker could not be asked.
    """
    _exercise_latch(account, now=now)
    if account.mode == Mode.LIVE and not settings.VENUE_CONTROL_URL:
        return "the latch refuses entries; the cancel is exercised on paper accounts"
    try:
        took = _exercise_cancel(account, gateway, now=now)
    except (Failed, port.BrokerError) as failure:
        _tell(account, "drill.failed", f"drill: {failure}", now)
        raise
    return f"the latch refuses entries; a cancel was final at the broker in {took:.2f} s"


def _exercise_latch(account: Account, *, now: datetime) -> None:
    halts.engage(
        level="H2",
        scope_kind="strategy",
        scope_key=STRATEGY,
        reason="stands for ever: proves the latch",
        by=STRATEGY,
        now=now,
    )
    refusal = gate.permits_now(account=account.number, strategy=STRATEGY, symbol="", purpose=Purpose.ENTRY)
    if not refusal:
        raise Failed("The latch let an entry pass under a halt.")


def _exercise_cancel(account: Account, gateway: port.BrokerGateway, *, now: datetime) -> float:
    _cancel_left_behind(gateway)
    symbol, price = _half_the_market(account, gateway)
    client_order_id = f"{healing.DRILL}{uuid.uuid4()}"
    _tell(account, "drill.started", f"drill: {symbol} buy 1 at {price:f}, to be canceled", now)
    began = time.monotonic()
    report = _place(gateway, client_order_id, symbol, price)
    # Whatever the answer to the cancel: what the broker shows decides.
    obstacle = orders.cancel(gateway, report.broker_order_id)
    if orders.final_report(gateway, report.broker_order_id, patience=PATIENCE) is not None:
        took = time.monotonic() - began
        _tell(account, "drill.passed", f"drill: the cancel was final in {took:.2f} s", now)
        return took
    why = f": {obstacle}" if obstacle else ""
    raise Failed(f"The broker did not confirm the cancel of {client_order_id} within {PATIENCE:.0f} s{why}.")


def _place(gateway: port.BrokerGateway, client_order_id: str, symbol: str, price: Decimal) -> port.OrderReport:
    """Send the order; one whose answer is lost is looked up by its id, for it may rest at the broker."""
    try:
        return gateway.submit(
            port.NewOrder(
                client_order_id=client_order_id,
                symbol=symbol,
                side=Side.BUY,
                quantity=Decimal(1),
                type=OrderType.LIMIT,
                time_in_force=TimeInForce.DAY,
                limit_price=price,
            )
        )
    except port.OutcomeUnknown as doubt:
        found = orders.seen_by_client_id(gateway, client_order_id, patience=PATIENCE)
        if found is None:
            raise Failed(
                f"The answer to {client_order_id} was lost ({doubt}); it is canceled as soon as the broker shows it."
            ) from doubt
        return found


def _cancel_left_behind(gateway: port.BrokerGateway) -> None:
    for report in gateway.open_orders():
        if healing.is_drill(report):
            gateway.cancel(report.broker_order_id)


def _half_the_market(account: Account, gateway: port.BrokerGateway) -> tuple[str, Decimal]:
    # A buy beside our own working sell is refused as a possible wash trade, so a symbol without orders goes first.
    busy = {report.symbol for report in gateway.open_orders()}
    traded = market_data.symbols_of(account)
    symbols = [symbol for symbol in traded if symbol not in busy] or traded
    bars = Bar.objects.filter(instrument__symbol__in=symbols).order_by("-start_at")
    last = bars.values_list("instrument__symbol", "close").first() or _quoted(gateway, symbols)
    if last is None:
        raise Failed("No price is known yet, so no order could be placed that surely rests; wait for the first bars.")
    return last[0], sizing.floor_to_tick(last[1] * HALF)


def _quoted(gateway: port.BrokerGateway, symbols: list[str]) -> tuple[str, Decimal] | None:
    """A symbol and its price by the broker's quote: an account that never traded has no bars yet."""
    quotes = gateway.quotes(symbols) if symbols else ()
    return next(((quote.symbol, mid) for quote in quotes if (mid := decisions.mid(quote)) is not None), None)


def _tell(account: Account, event: str, sentence: str, now: datetime) -> None:
    with transaction.atomic():
        trail.record(event=event, account=account.number, mode=account.mode, sentence=sentence, by=STRATEGY, now=now)
