"""What a monitoring system asks of the desk, as figures read from rows; no counter lives in a process. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, QuerySet

from audit.models import Alert, AlertDelivery
from risk.models import Breach, Halt
from trading.choices import UNRESOLVED
from trading.models import Account, AccountState, EnginePass, EquityMark, Order, ProcessHeartbeat, ReconciliationBreak

type Labels = tuple[tuple[str, str], ...]
type Figure = Decimal | float


@dataclass(frozen=True, slots=True)
class Gauge:
    """One figure by name, with its unit in the name (seconds, usd, ratio); a sample for each set of labels."""

    name: str
    meaning: str
    samples: tuple[tuple[Labels, Figure], ...]


def read(now: datetime) -> Iterator[Gauge]:
    """Every figure, in about a dozen statements however long the history is. `now` is the wall clock."""
    yield _ages(now)
    yield from _account_figures()
    yield _passes(now)
    yield _count("working_orders", "Orders that hold exposure.", Order.objects.working())
    unresolved = Order.objects.filter(status__in=UNRESOLVED)
    yield _count("unresolved_orders", "Orders sent whose outcome is not known.", unresolved)
    yield _count("unbooked_orders", "Orders of which a fill is missing.", Order.objects.fill_missing())
    open_cases = ReconciliationBreak.objects.filter(status=ReconciliationBreak.Status.OPEN)
    yield _count("open_breaks", "Open reconciliation breaks.", open_cases)
    yield _single("open_halts", "Halts engaged and not released.", Halt.objects.filter(released_at=None).count())
    yield _single("open_breaches", "Breaches nobody has closed.", Breach.objects.filter(closed_at=None).count())
    unread = Alert.objects.filter(acknowledged_at=None).count()
    yield _single("unacknowledged_alerts", "Alerts nobody has acknowledged.", unread)
    waiting = AlertDelivery.objects.exclude(status=AlertDelivery.Status.SENT).count()
    yield _single("undelivered_alerts", "Messages of alerts that have not reached their channel.", waiting)


def _ages(now: datetime) -> Gauge:
    newest = ProcessHeartbeat.objects.values_list("process").annotate(at=Max("beat_at"))
    samples = tuple(((("process", process),), (now - at).total_seconds()) for process, at in newest)
    return Gauge("heartbeat_age_seconds", "Seconds since a process last said that it is alive.", samples)


def _passes(now: datetime) -> Gauge:
    ages: list[tuple[Labels, Figure]] = []
    for account in Account.objects.filter(active=True):
        last = EnginePass.objects.filter(account=account).order_by("-started_at").first()
        if last is not None:
            ages.append(((("account", account.number),), (now - last.started_at).total_seconds()))
    return Gauge("pass_age_seconds", "Seconds since the execution loop last looked at an account.", tuple(ages))


def _account_figures() -> Iterator[Gauge]:
    states = list(AccountState.objects.filter(account__active=True).select_related("account"))
    equity = tuple(((("account", s.account.number),), s.equity) for s in states if s.equity is not None)
    yield Gauge("equity_usd", "Equity as the broker told it last.", equity)
    day: list[tuple[Labels, Figure]] = []
    drawdown: list[tuple[Labels, Figure]] = []
    for state in states:
        mark = EquityMark.objects.filter(account=state.account).order_by("-at").first()
        if mark is not None:
            labels = (("account", state.account.number),)
            day.append((labels, mark.day_pnl))
            drawdown.append((labels, mark.drawdown))
    yield Gauge("day_pnl_usd", "Profit or loss of the session by our books.", tuple(day))
    yield Gauge("drawdown_ratio", "Fall from the highest equity, as a fraction of it.", tuple(drawdown))


def _count(name: str, meaning: str, rows: QuerySet[Any]) -> Gauge:
    numbers = rows.values_list("account__number").annotate(n=Count("id")).order_by("account__number")
    return Gauge(name, meaning, tuple(((("account", number),), n) for number, n in numbers))


def _single(name: str, meaning: str, value: int) -> Gauge:
    return Gauge(name, meaning, (((), value),))
