"""What the desk did so far, in figures, for the summary of a run. Reads only."""

from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum

from audit.models import AuditEvent
from trading.models import (
    Account,
    AccountState,
    DailyReport,
    EnginePass,
    EquityMark,
    Fill,
    Order,
    OrderIntent,
    Position,
    ReconciliationBreak,
    Signal,
)

ZERO = Decimal(0)


def totals() -> dict[str, Any]:
    """Counts and amounts (USD, as text) over every active account since its first pass."""
    accounts = Account.objects.filter(active=True)
    denied = OrderIntent.objects.filter(approved=False).values_list("denial_code").annotate(n=Count("id"))
    reports = DailyReport.objects.filter(account__in=accounts)
    marks = [EquityMark.objects.filter(account=account).order_by("-at").first() for account in accounts]
    known = [mark for mark in marks if mark is not None]
    realised = Position.objects.aggregate(total=Sum("realised_pnl"))["total"] or ZERO
    return {
        "sessions": reports.values("session_date").distinct().count(),
        "passes": EnginePass.objects.filter(outcome=EnginePass.Outcome.DONE).count(),
        "signals": Signal.objects.count(),
        "intents": OrderIntent.objects.count(),
        "denied": dict(sorted(denied)),
        "orders": Order.objects.count(),
        "fills": Fill.objects.count(),
        "realised_pnl": _usd(realised),
        "unrealised_pnl": _usd(sum((mark.unrealised_pnl for mark in known), ZERO)),
        "equity": _usd(sum((mark.equity for mark in known), ZERO)),
        "audit_events": AuditEvent.objects.count(),
        "open_breaks": ReconciliationBreak.objects.filter(status="open").count(),
        "days_equal": all(reports.values_list("books_equal_broker", flat=True)),
        "books_open": AccountState.objects.filter(account__in=accounts, ledger_cash__isnull=False).count(),
    }


def _usd(amount: Decimal) -> str:
    return f"{amount:.2f}"
