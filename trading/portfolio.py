"""Reading one account as risk must see it, under its row lock, and keeping the figures the broker gave."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import DecimalField, F, Value
from django.db.models.functions import Greatest

from audit import trail
from risk.exposure import Exposure, Holding, InstrumentFacts, Quote, RecentOrder, SessionWindow, Working
from trading import sessions
from trading.broker.gateway import AccountReport, BrokerGateway, QuoteReport
from trading.choices import MONEY, TERMINAL, UNRESOLVED, Purpose
from trading.models import (
    Account,
    AccountState,
    Instrument,
    Order,
    OrderIntent,
    Position,
    ReconciliationBreak,
    Signal,
)

DUPLICATE_WINDOW = timedelta(minutes=10)
"""How far back recent intents are shown to the duplicate check; its own limit is shorter."""

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Prices:
    """What is known of prices at the moment of a decision: marks by symbol, and the quote of the symbol in question."""

    marks: dict[str, Decimal]
    quotes: dict[str, QuoteReport]
    before: dict[str, Decimal] = field(default_factory=dict)
    """Last close of each symbol about five minutes ago."""


def lock(account: Account) -> AccountState:
    """Take the account's row lock; held until the caller's transaction ends."""
    return AccountState.objects.select_for_update().get(account=account)


def keep_figures(account: Account, gateway: BrokerGateway, *, now: datetime) -> AccountReport:
    """Ask the broker for the account and store what it says. `now` is the wall clock."""
    report = gateway.account()
    AccountState.objects.filter(account=account).update(
        figures_at=now,
        pinned_number=report.number,
        status=report.status,
        cash=report.cash,
        equity=report.equity,
        last_equity=report.last_equity,
        buying_power=report.buying_power,
        long_market_value=report.long_market_value,
        intraday_adjustments=report.intraday_adjustments,
        trading_blocked=report.trading_blocked,
        account_blocked=report.account_blocked,
        trade_suspended=report.trade_suspended_by_user,
        # PostgreSQL's GREATEST passes over NULL, so the first reading is the first peak.
        peak_equity=Greatest(F("peak_equity"), Value(report.equity, DecimalField(**MONEY))),
    )
    return report


def keep_settings(account: Account, gateway: BrokerGateway) -> None:
    """Ask whether the account's settings at the broker let short sales through, and store it."""
    AccountState.objects.filter(account=account).update(shorting_enabled=gateway.shorting_allowed())


def open_books(account: Account, gateway: BrokerGateway, *, now: datetime, market_now: datetime) -> None:
    """Begin our cash ledger with the broker's cash, once. Fills before `market_now` belong to the opening balance.

    Positions that are there already are not taken over: reconciliation shows them as breaks for people to decide on.
    """
    if AccountState.objects.filter(account=account, ledger_cash__isnull=False).exists():
        return
    report = gateway.account()
    with transaction.atomic():
        AccountState.objects.get_or_create(account=account)
        state = lock(account)
        if state.ledger_cash is not None:
            return
        state.ledger_cash, state.ledger_opened_at = report.cash, market_now
        state.save(update_fields=["ledger_cash", "ledger_opened_at"])
        trail.record(
            event="books.opened",
            account=account.number,
            mode=account.mode,
            sentence=f"books opened with {report.cash:,.2f} USD in cash",
            by="engine",
            now=now,
        )


def exposure(
    state: AccountState,
    instrument: Instrument,
    *,
    prices: Prices,
    live_permission: tuple[str, ...],
    now: datetime,
    market_now: datetime,
    signal: Signal | None = None,
) -> Exposure:
    """The account as it stands under its row lock, which the caller holds: filled + open + in flight.

    Eight statements, however many orders and positions there are. `now` is the wall clock, `market_now` the venue's.
    """
    account = state.account
    window = _session(market_now)
    orders = _working(account)
    recent = _recent(account, market_now)
    day = sessions.date_of(market_now)
    entries, entries_symbol = _entries(account, instrument, day)
    quote = prices.quotes.get(instrument.symbol)
    return Exposure(
        account=account.number,
        mode=account.mode,
        state_known_at=state.figures_at,
        now=now,
        market_now=market_now,
        equity=state.equity,
        last_equity=state.last_equity,
        cash=state.cash,
        buying_power=state.buying_power,
        intraday_adjustments=state.intraday_adjustments,
        account_status=state.status,
        trading_blocked=state.trading_blocked,
        account_blocked=state.account_blocked,
        trade_suspended=state.trade_suspended,
        shorting_enabled=state.shorting_enabled,
        pinned_number=state.pinned_number,
        pinned_mode=account.mode if state.pinned_number == account.number else "",
        holdings=_holdings(account, prices.marks, orders),
        working=tuple(map(_as_working, orders)),
        quote=Quote(quote.symbol, quote.bid, quote.ask, quote.at) if quote else None,
        mid_before=prices.before.get(instrument.symbol),
        instrument=_facts(instrument, day),
        session=window,
        recent=recent,
        used_signal_ids=_used(signal),
        entries_today=entries,
        entries_today_symbol=entries_symbol,
        blocked_symbols=blocked_symbols(account, orders),
        live_permission=live_permission,
    )


def blocked_symbols(account: Account, orders: list[Order]) -> dict[str, str]:
    """Symbols where nothing may be entered, with the reason; "*" blocks them all."""
    blocked = {
        order.instrument.symbol: "an order there has no known outcome" for order in orders if order.status in UNRESOLVED
    }
    blocked |= {
        order.instrument.symbol: "a fill there is not booked yet"
        for order in orders
        if order.booked_quantity < order.filled_quantity
    }
    open_breaks = ReconciliationBreak.objects.filter(account=account, status=ReconciliationBreak.Status.OPEN)
    for symbol, kind in open_breaks.values_list("symbol", "kind"):
        blocked[symbol or "*"] = f"an open reconciliation break ({kind})"
    return blocked


def _session(market_now: datetime) -> SessionWindow:
    session = sessions.session_at(market_now)
    if session is None:
        return SessionWindow(False, None, None, None)
    return SessionWindow(True, session.date, session.open_at, session.close_at)


def _working(account: Account) -> list[Order]:
    """Working orders, and ended ones of which a fill is not booked yet: what they filled is still on its way."""
    working = Order.objects.working().filter(account=account).select_related("instrument")
    unbooked = Order.objects.fill_missing().filter(account=account).select_related("instrument")
    return list({order.pk: order for order in (*working, *unbooked)}.values())


def _as_working(order: Order) -> Working:
    return Working(
        intent_id=str(order.intent_id),
        symbol=order.instrument.symbol,
        side=order.side,
        # What is filled but not booked yet still counts as on its way.
        remaining=(order.filled_quantity if order.status in TERMINAL else order.quantity) - order.booked_quantity,
        price=order.limit_price or order.stop_price,
        purpose=order.purpose,
        status=order.status,
        order_type=order.type,
        stop_price=order.stop_price,
    )


def _holdings(account: Account, marks: dict[str, Decimal], orders: list[Order]) -> tuple[Holding, ...]:
    stops: dict[int, list[Order]] = defaultdict(list)
    for order in orders:
        if order.purpose == Purpose.STOP and order.status not in TERMINAL:
            stops[order.instrument_id].append(order)
    held = Position.objects.filter(account=account).exclude(quantity=0).select_related("instrument")
    return tuple(
        Holding(
            symbol=position.instrument.symbol,
            quantity=position.quantity,
            average_price=position.average_price,
            price=marks.get(position.instrument.symbol),
            sector=position.instrument.sector,
            stop_price=max((o.stop_price for o in stops[position.instrument_id] if o.stop_price), default=None),
            protected_quantity=sum((o.quantity - o.booked_quantity for o in stops[position.instrument_id]), ZERO),
        )
        for position in held
    )


def _facts(instrument: Instrument, day: date) -> InstrumentFacts:
    return InstrumentFacts(
        symbol=instrument.symbol,
        tradable=instrument.tradable if instrument.checked_at else None,
        exchange=instrument.exchange,
        sector=instrument.sector,
        leveraged=instrument.leveraged,
        restricted=instrument.restricted_until is not None and instrument.restricted_until >= day,
    )


def _recent(account: Account, market_now: datetime) -> tuple[RecentOrder, ...]:
    rows = OrderIntent.objects.filter(
        account=account, approved=True, decided_at__gt=market_now - DUPLICATE_WINDOW
    ).values_list("instrument__symbol", "side", "quantity", "decided_at", "signal_id")
    return tuple(RecentOrder(s, side, q, at, str(signal or "")) for s, side, q, at, signal in rows)


def _entries(account: Account, instrument: Instrument, day: date) -> tuple[int, int]:
    """Approved entries of the session, and those in the instrument: counted from rows, so a restart forgets none."""
    ids = OrderIntent.objects.filter(
        account=account, session_date=day, purpose=Purpose.ENTRY, approved=True
    ).values_list("instrument_id", flat=True)
    return len(ids), sum(1 for pk in ids if pk == instrument.pk)


def _used(signal: Signal | None) -> frozenset[str]:
    """The proposal's own signal, where it has an approved intent already."""
    if signal is None or not OrderIntent.objects.filter(signal=signal, approved=True).exists():
        return frozenset()
    return frozenset({str(signal.pk)})
