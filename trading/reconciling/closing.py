"""The end of a session: a last comparison with the broker, the daily report, a snapshot of the state."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from audit import crash_points, trail
from risk.models import Limit
from trading import market_data, marks
from trading.broker.gateway import BrokerGateway
from trading.models import (
    Account,
    AccountState,
    DailyReport,
    EnginePass,
    EquityMark,
    Fill,
    LotClosing,
    Order,
    OrderIntent,
    Position,
    ReconciliationRun,
    Signal,
)
from trading.reconciling import reconciliation


def close_day(
    account: Account, gateway: BrokerGateway, *, session_date: date, now: datetime, market_now: datetime
) -> DailyReport:
    """Close one session; a repeated call returns the report that was written.

    A broker that cannot be read leaves no report: the next call tries again. Raises what the gateway raises.
    """
    written = DailyReport.objects.filter(account=account, session_date=session_date).first()
    if written is not None:
        return written
    run = reconciliation.compare(account, gateway, kind=ReconciliationRun.Kind.CLOSE, now=now, market_now=market_now)
    if run.outcome == ReconciliationRun.Outcome.UNREADABLE:
        raise reconciliation.Unreadable(run.note)
    equal = run.outcome == ReconciliationRun.Outcome.CLEAN
    _mark_at_close(account, session_date, market_now=market_now)
    figures = day_figures(account, session_date)
    with transaction.atomic():
        AccountState.objects.select_for_update().get(account=account)
        report, fresh = DailyReport.objects.get_or_create(
            account=account,
            session_date=session_date,
            defaults={"figures": figures, "books_equal_broker": equal, "created_at": now},
        )
        if fresh:
            _tell(account, report, now=now)
            _snapshot(account, report, now=now)
            crash_points.reach("close.reported")
    return report


def _mark_at_close(account: Account, session_date: date, *, market_now: datetime) -> None:
    """The last mark of the session, over fills that came after the last pass."""
    held = Position.objects.filter(account=account).exclude(quantity=0).values_list("instrument__symbol", flat=True)
    last = market_data.windows(list(held), length=1, until=market_now)
    prices = {symbol: window.last.close for symbol, window in last.items()}
    marks.mark(account, prices, at=market_now, session_date=session_date)


def day_figures(account: Account, session_date: date) -> dict[str, Any]:
    """The session in figures; amounts as text in USD."""
    intents = OrderIntent.objects.filter(account=account, session_date=session_date)
    denied = intents.filter(approved=False).values_list("denial_code").annotate(n=Count("id")).order_by("denial_code")
    last = EquityMark.objects.filter(account=account, session_date=session_date).order_by("-at").first()
    closings = LotClosing.objects.filter(lot__account=account, session_date=session_date)
    return {
        "passes": EnginePass.objects.filter(account=account, outcome="done", session_date=session_date).count(),
        "signals": Signal.objects.filter(strategy__account=account, session_date=session_date).count(),
        "intents": intents.count(),
        "denied": dict(denied),
        "orders": Order.objects.filter(account=account, session_date=session_date).count(),
        "fills": Fill.objects.filter(account=account, session_date=session_date).count(),
        "closed_trades": closings.aggregate(won=Count("id", filter=Q(realised_pnl__gt=0)), all=Count("id")),
        "realised_pnl": _usd(marks.realised_on(account, session_date)),
        "unrealised_pnl": _usd(last.unrealised_pnl if last else None),
        "day_pnl": _usd(last.day_pnl if last else None),
        "equity": _usd(last.equity if last else None),
        "cash": _usd(last.cash if last else None),
        "positions": Position.objects.filter(account=account).exclude(quantity=0).count(),
    }


def _usd(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


def _snapshot(account: Account, report: DailyReport, *, now: datetime) -> None:
    """Keep the whole state of the account as it was at the close."""
    held = Position.objects.filter(account=account).exclude(quantity=0)
    working = Order.objects.working().filter(account=account)
    trail.snapshot(
        account=account.number,
        mode=account.mode,
        figures=report.figures,
        positions=list(held.values("instrument__symbol", "quantity", "average_price", "realised_pnl")),
        orders=list(working.values("client_order_id", "instrument__symbol", "side", "quantity", "status")),
        limits=list(Limit.objects.in_force().values("scope_kind", "scope_key", "name", "value", "version")),
        now=now,
    )


def _tell(account: Account, report: DailyReport, *, now: datetime) -> None:
    figures = report.figures
    equal = "equal to" if report.books_equal_broker else "different from"
    trail.record(
        event="day.closed",
        account=account.number,
        mode=account.mode,
        subject=report.session_date.isoformat(),
        sentence=(
            f"{report.session_date}: {figures['fills']} fills, day P&L {figures['day_pnl']} USD,"
            f" books {equal} the broker's"
        ),
        data=figures,
        by="closing",
        now=now,
        severity="info" if report.books_equal_broker else "critical",
    )
