"""The reader of the blotter: every intent with what became of it, denied ones included. Writes nothing."""

from dataclasses import dataclass
from datetime import date
from typing import Self

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet

from trading.choices import UNRESOLVED, WORKING, OrderStatus
from trading.models import Account, Order, OrderIntent

PAGE_SIZE = 50

GROUPS: dict[str, Q] = {
    "all": Q(),
    "working": Q(approved=True) & Q(orders__parent=None, orders__status__in=tuple(WORKING - UNRESOLVED)),
    "unknown": Q(orders__parent=None, orders__status__in=tuple(UNRESOLVED)),
    "filled": Q(orders__parent=None, orders__status=OrderStatus.FILLED),
    "done unfilled": Q(
        orders__parent=None,
        orders__status__in=(
            OrderStatus.CANCELED,
            OrderStatus.EXPIRED,
            OrderStatus.REJECTED,
            OrderStatus.WITHDRAWN,
        ),
    ),
    "denied": Q(approved=False),
}
"""Chip → which intents it shows. An order that was sent and not answered is unknown until it is answered; one that was
replaced at the broker counts by what goes on in its place."""


@dataclass(frozen=True, slots=True)
class Row:
    """One intent with its root order; the order is None where the intent was denied."""

    intent: OrderIntent
    order: Order | None


@dataclass(frozen=True, slots=True)
class Filter:
    """What part of the blotter to read; an empty field filters nothing."""

    group: str = "all"
    symbol: str = ""
    strategy: str = ""
    code: str = ""
    first: date | None = None
    last: date | None = None

    def narrowed(self, group: str) -> Self:
        return type(self)(group, self.symbol, self.strategy, self.code, self.first, self.last)


def page(
    account: Account, wanted: Filter, number: int = 1, size: int = PAGE_SIZE
) -> tuple[list[Row], Page[OrderIntent]]:
    """One page of the blotter, newest first: three queries however long it is. Beyond the end is the last one."""
    intents = _matching(account, wanted).select_related("instrument", "strategy").order_by("-decided_at", "-id")
    found = Paginator(intents, size).get_page(number)
    return rows(list(found.object_list)), found


def latest(account: Account, wanted: Filter, size: int) -> list[Row]:
    """The newest intents that match, with their orders: two queries."""
    intents = _matching(account, wanted).select_related("instrument", "strategy").order_by("-decided_at", "-id")
    return rows(list(intents[:size]))


def rows(intents: list[OrderIntent]) -> list[Row]:
    """Each intent beside its root order, or what took that one's place at the broker last: one query for all."""
    roots = Order.objects.filter(intent__in=intents, parent=None).order_by("pk")
    orders = {order.intent_id: order for order in roots}
    return [Row(intent, orders.get(intent.pk)) for intent in intents]


def counts(account: Account, wanted: Filter) -> dict[str, int]:
    """How many intents each chip would show under the rest of the filter: one query."""
    base = _matching(account, wanted.narrowed("all"))
    sums = {f"n{index}": Count("pk", filter=group, distinct=True) for index, group in enumerate(GROUPS.values())}
    found = base.aggregate(**sums)
    return {name: found[f"n{index}"] for index, name in enumerate(GROUPS)}


def denial_codes(account: Account) -> list[str]:
    """Codes of every denial the account has had, for the filter."""
    denied = OrderIntent.objects.filter(account=account, approved=False)
    return list(denied.order_by("denial_code").values_list("denial_code", flat=True).distinct())


def _matching(account: Account, wanted: Filter) -> QuerySet[OrderIntent]:
    found = OrderIntent.objects.filter(GROUPS.get(wanted.group, Q()), account=account)
    if wanted.symbol:
        found = found.filter(instrument__symbol=wanted.symbol.upper())
    if wanted.strategy:
        found = found.filter(strategy__name=wanted.strategy)
    if wanted.code:
        found = found.filter(denial_code=wanted.code)
    if wanted.first:
        found = found.filter(session_date__gte=wanted.first)
    if wanted.last:
        found = found.filter(session_date__lte=wanted.last)
    return found
