"""Marking an account to market by its own books: equity, day P&L, drawdown. The one writer of `EquityMark`."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Q, Sum

from trading import pnl
from trading.models import Account, AccountState, EquityMark, LotClosing, Position

ZERO = Decimal(0)

_FIGURES = ("session_date", "equity", "cash", "realised_pnl", "unrealised_pnl", "day_pnl", "drawdown")


def realised_on(account: Account, session_date: date) -> Decimal:
    """USD realised by lots closed in the session."""
    closings = LotClosing.objects.filter(lot__account=account, session_date=session_date)
    return closings.aggregate(total=Sum("realised_pnl"))["total"] or ZERO


def mark(account: Account, prices: Mapping[str, Decimal], *, at: datetime, session_date: date) -> EquityMark | None:
    """Value the account at `at` (venue's clock) and keep the mark; None until its ledger was opened.

    A symbol without a price is valued at its average price: the mark then says less, never more, than is known.
    """
    state = AccountState.objects.get(account=account)
    if state.ledger_cash is None:
        return None
    rows = Position.objects.filter(account=account).exclude(quantity=0)
    held = [
        pnl.Holding(quantity=quantity, cost=quantity * average, mark=prices.get(symbol, average))
        for symbol, quantity, average in rows.values_list("instrument__symbol", "quantity", "average_price")
    ]
    equity = pnl.equity(state.ledger_cash, held)
    peak = max(state.peak_equity or equity, equity)
    made = EquityMark(
        account=account,
        at=at,
        mode=account.mode,
        session_date=session_date,
        equity=equity,
        cash=state.ledger_cash,
        realised_pnl=realised_on(account, session_date),
        unrealised_pnl=pnl.unrealised(held),
        day_pnl=pnl.day(equity, state.last_equity or equity, state.intraday_adjustments),
        drawdown=(peak - equity) / peak if peak > 0 else ZERO,
    )
    # One statement: a repeated pass marks the same instant anew.
    EquityMark.objects.bulk_create(
        [made], update_conflicts=True, unique_fields=["account", "at"], update_fields=list(_FIGURES)
    )
    if state.peak_equity is None or equity > state.peak_equity:
        higher = AccountState.objects.filter(Q(peak_equity=None) | Q(peak_equity__lt=peak), account=account)
        higher.update(peak_equity=peak)
    return made
