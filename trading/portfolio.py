"""Reading one account as risk must see it, under its row lock, and keeping the figures the broker gave."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from django.db import connection, transaction
from django.db.models import DecimalField, F, Value
from django.db.models.functions import Greatest

from audit import trail
from risk import latch
from risk.exposure import Exposure, Holding, InstrumentFacts, Quote, SessionWindow, Working
from risk.pre_trade import totals
from trading import sessions, transfers
from trading.broker.gateway import AccountReport, BrokerGateway, QuoteReport
from trading.choices import MONEY, Purpose
from trading.models import Account, AccountState, Instrument, Signal
from trading.reading import books, standing

ZERO = Decimal(0)


@dataclass(frozen=True)
class Prices:
    """What is known of prices at the moment of a decision: marks by symbol, and the quote of the symbol in question."""

    marks: dict[str, Decimal]
    quotes: dict[str, QuoteReport]
    before: dict[str, Decimal] = field(default_factory=dict)
    """Last close of each symbol about five minutes ago."""

    @cached_property
    def written(self) -> str:
        """The marks as the account is added up with them: written once, for all decisions of a pass."""
        return standing.written(self.marks)


def lock(account: Account) -> AccountState:
    """Take the account's row lock; held until the caller's transaction ends."""
    return _state(account, _LOCK)


def lock_to_judge(account: Account) -> AccountState:
    """The same for a transaction that judges: from here on no halt is engaged until it ends (see `risk.latch`).

    Its statements are the same every time and are planned once for all: the plan of the account's sums takes as long as
    its run, and PostgreSQL would make it anew for every decision.
    """
    return _state(account, _LOCK_TO_JUDGE)


_COLUMNS = [column.attname for column in AccountState._meta.concrete_fields]
_LOCK = f"SELECT {', '.join(_COLUMNS)} FROM trading_accountstate WHERE account_id = %s FOR UPDATE"  # noqa: S608
# The rows are locked in the inner query: nobody holds off halts while he waits for the account.
_LOCK_TO_JUDGE = f"""
    SELECT set_config('plan_cache_mode', 'force_generic_plan', true), {latch.KEEP_OPEN}, held.* FROM ({_LOCK}) AS held
"""  # noqa: S608 - fixed texts


def _state(account: Account, statement: str) -> AccountState:
    with connection.cursor() as cursor:
        cursor.execute(statement, [account.pk])
        found = cursor.fetchone()
    if found is None:
        raise AccountState.DoesNotExist(f"The account {account.number} has no state.")
    state = AccountState.from_db(connection.alias, _COLUMNS, found[-len(_COLUMNS) :])
    state.account = account
    return state


def keep_figures(account: Account, gateway: BrokerGateway, *, now: datetime, market_now: datetime) -> AccountReport:
    """Ask the broker for the account and store what it says. `now` is the wall clock, `market_now` the venue's.

    Of what was paid in and out since the last close the broker's figure or its activities count, whichever know more.
    """
    report = gateway.account()
    transfers.keep(account, gateway, now=now, market_now=market_now)
    paid = transfers.larger(report.intraday_adjustments, transfers.since_the_close(account, market_now=market_now))
    AccountState.objects.filter(account=account).update(
        figures_at=now,
        pinned_number=report.number,
        status=report.status,
        cash=report.cash,
        equity=report.equity,
        last_equity=report.last_equity,
        buying_power=report.buying_power,
        long_market_value=report.long_market_value,
        intraday_adjustments=paid,
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


def open_books(account: Account, gateway: BrokerGateway, *, now: datetime, market_now: datetime) -> AccountState:
    """Begin our cash ledger with the broker's cash, once. Fills before `market_now` belong to the opening balance.

    Positions that are there already are not taken over: reconciliation shows them as breaks for people to decide on.
    """
    known = AccountState.objects.filter(account=account, ledger_cash__isnull=False).first()
    if known is not None:
        return known
    report = gateway.account()
    with transaction.atomic():
        AccountState.objects.get_or_create(account=account)
        state = lock(account)
        if state.ledger_cash is not None:
            return state
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
    return state


def exposure(
    state: AccountState,
    instrument: Instrument,
    *,
    prices: Prices,
    live_permission: tuple[str, ...],
    now: datetime,
    market_now: datetime,
    signal: Signal | None = None,
) -> tuple[Exposure, totals.Totals]:
    """The account as it stands under its row lock, which the caller holds: filled + open + in flight, and its sums.

    One statement, however many orders and positions there are: the exposure itself holds the rows of the one symbol,
    the sums count all. `now` is the wall clock, `market_now` the venue's.
    """
    account, symbol = state.account, instrument.symbol
    found = standing.read(
        account.pk, symbol, marks=prices.written, market_now=market_now, signal_id=signal.pk if signal else None
    )
    quote = prices.quotes.get(symbol)
    seen = Exposure(
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
        holdings=() if found.holding is None else (found.holding,),
        quote=Quote(quote.symbol, quote.bid, quote.ask, quote.at) if quote else None,
        mid_before=prices.before.get(symbol),
        instrument=_facts(instrument, sessions.date_of(market_now)),
        session=_session(market_now),
        recent=found.recent,
        used_signal_ids=frozenset({str(signal.pk)}) if signal and found.signal_used else frozenset(),
        entries_today=found.entries_today,
        entries_today_symbol=found.entries_today_symbol,
        messages_today=found.messages_today,
        blocked_symbols=found.blocked,
        live_permission=live_permission,
    )
    return seen, found.totals


def sums(held: books.Books, marks: dict[str, Decimal]) -> totals.Totals:
    """What the books add up to, as the gate counts it; USD."""
    return totals.add_up(_holdings(held, marks), map(_as_working, held.orders))


def _session(market_now: datetime) -> SessionWindow:
    session = sessions.session_at(market_now)
    if session is None:
        return SessionWindow(False, None, None, None)
    return SessionWindow(True, session.date, session.open_at, session.close_at)


def _as_working(order: books.OrderLine) -> Working:
    return Working(
        intent_id=order.intent_id,
        symbol=order.symbol,
        side=order.side,
        remaining=order.remaining,
        price=order.limit_price or order.stop_price,
        purpose=order.purpose,
        status=order.status,
        order_type=order.type,
        stop_price=order.stop_price,
        stop_loss_price=order.stop_loss_price,
        sector=order.sector,
    )


def _holdings(held: books.Books, marks: dict[str, Decimal]) -> tuple[Holding, ...]:
    stops: dict[int, list[books.OrderLine]] = defaultdict(list)
    for order in held.orders:
        if order.purpose == Purpose.STOP and not order.ended:
            stops[order.instrument_id].append(order)
    return tuple(
        Holding(
            symbol=position.symbol,
            quantity=position.quantity,
            average_price=position.average_price,
            price=marks.get(position.symbol),
            sector=position.sector,
            stop_price=max((o.stop_price for o in stops[position.instrument_id] if o.stop_price), default=None),
            protected_quantity=sum((o.quantity - o.booked_quantity for o in stops[position.instrument_id]), ZERO),
        )
        for position in held.positions
    )


def _facts(instrument: Instrument, day: date) -> InstrumentFacts:
    return InstrumentFacts(
        symbol=instrument.symbol,
        tradable=instrument.tradable if instrument.checked_at else None,
        exchange=instrument.exchange,
        sector=instrument.sector,
        leveraged=instrument.leveraged,
        paused=instrument.paused_because if instrument.paused_at else "",
        restricted=instrument.restricted_until is not None and instrument.restricted_until >= day,
        average_volume=instrument.average_volume,
        average_volume_date=instrument.average_volume_date,
    )
