"""How much of each limit an account uses now, in the limit's own unit, counted as the gate and the monitors count."""

from datetime import datetime
from decimal import Decimal

from django.db.models import Count

from risk import policy
from risk.models import Limit
from risk.pre_trade import stress
from risk.pre_trade.totals import Totals
from trading import market_data, portfolio, sessions
from trading.choices import Purpose
from trading.models import Account, AccountState, Instrument, LossTrack, OrderIntent, Strategy
from trading.reading import books

ZERO = Decimal(0)
ONE = Decimal(1)


def measure(account: Account, *, market_now: datetime) -> dict[str, Decimal]:
    """Limit name -> what is used of it; a name that is absent is no quantity that adds up. Four statements."""
    held = books.read(account.pk)
    symbols = [line.symbol for line in held.positions]
    last = market_data.windows(symbols, length=1, until=market_now) if symbols else {}
    sums = portfolio.sums(held, {symbol: window.last.close for symbol, window in last.items()})
    # The track comes along with the state: nothing else of the account is read.
    state = AccountState.objects.filter(account=account).select_related("account__loss_track").first()
    messages, entries = _activity(account, market_now)
    used = {
        "gross_usd": sums.gross,
        "position_usd": sums.largest,
        "positions": Decimal(sums.positions),
        "entries_day": Decimal(sum(entries.values())),
        "entries_symbol_day": Decimal(max(entries.values(), default=0)),
        "messages_day": Decimal(messages),
    }
    if state is None:
        return used
    return used | _shares(sums, state.equity) | _lost_today(state) | _lost_lately(state.account)


def of_limit(limit: Limit, used: dict[str, Decimal], *, now: datetime) -> Decimal | None:
    """The part of a limit that is used: 1 is all of it; None where nothing adds up to it, or more of it is stricter."""
    bound, value = policy.BOUNDS.get(limit.name), limit.value_at(now)
    seen = used.get(limit.name)
    if bound is None or bound.stricter is policy.Stricter.HIGHER or seen is None or value <= 0:
        return None
    return seen / value


def is_known(scope_kind: str, scope_key: str) -> bool:
    """Whether the desk has the account, strategy or symbol that a limit is asked for."""
    match scope_kind:
        case "account":
            return Account.objects.filter(number=scope_key).exists()
        case "strategy":
            return Strategy.objects.filter(name=scope_key).exists()
        case "symbol":
            return Instrument.objects.filter(symbol=scope_key).exists()
    return scope_kind == "firm"


def _shares(sums: Totals, equity: Decimal | None) -> dict[str, Decimal]:
    if not equity or equity <= 0:
        return {}
    return {
        "gross_fraction": sums.gross / equity,
        "position_fraction": sums.largest / equity,
        "sector_fraction": max(sums.by_sector.values(), default=ZERO) / equity,
        "open_risk_fraction": sums.open_risk / equity,
        "gap_fraction": stress.gap(sums) / equity,
    }


def _lost_today(state: AccountState) -> dict[str, Decimal]:
    if state.equity is None or not state.last_equity or state.last_equity <= 0:
        return {}
    lost = max(state.last_equity + state.intraday_adjustments - state.equity, ZERO) / state.last_equity
    return dict.fromkeys(("day_loss_warn_fraction", "day_loss_fraction", "day_loss_flatten_fraction"), lost)


def _activity(account: Account, market_now: datetime) -> tuple[int, dict[int, int]]:
    """Approved intents of the session, and its approved entries by instrument."""
    approved = OrderIntent.objects.filter(account=account, session_date=sessions.date_of(market_now), approved=True)
    counts = approved.exclude(purpose=Purpose.ADJUST).values_list("instrument_id", "purpose").annotate(n=Count("pk"))
    rows = list(counts.order_by())
    return sum(n for _, _, n in rows), {pk: n for pk, purpose, n in rows if purpose == Purpose.ENTRY}


def _lost_lately(account: Account) -> dict[str, Decimal]:
    track: LossTrack | None = getattr(account, "loss_track", None)
    if track is None:
        return {}
    return {
        "week_loss_fraction": max(ONE - track.index / track.week_index, ZERO),
        "drawdown_fraction": max(ONE - track.index / track.peak_index, ZERO),
    }
