"""A desk of four: Ann asks, Ben and Eve approve, Ann has a second account, Olaf belongs to nobody."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from risk import factors, limits, people
from risk.models import ChangeRequest, PersonAccount
from risk.people import Member
from risk.signoff_terms import Place
from tests import voting

NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
PLACE = Place(environment="paper", account="", build="test")


@dataclass(frozen=True, slots=True)
class Desk:
    ann: User
    ann_again: User
    ben: User
    eve: User
    olaf: User


def make() -> Desk:
    """Users and the people behind them."""
    with transaction.atomic():
        return _made()


def _made() -> Desk:
    users = {name: voting.approver(User.objects.create_user(name)) for name in ("ann", "ann2", "ben", "eve", "olaf")}
    found = people.found(
        [
            Member("Ann", users["ann"], approves=True),
            Member("Ben", users["ben"], approves=True),
            Member("Eve", users["eve"], approves=True),
        ],
        by="setup",
        now=NOW,
    )
    PersonAccount.objects.create(person=found[0], user=users["ann2"], usable_from=NOW, created_at=NOW)
    factors.bring_in_line(users["ann2"], by="setup", now=NOW)
    return Desk(users["ann"], users["ann2"], users["ben"], users["eve"], users["olaf"])


def install() -> None:
    """The shipped policy in force, Apple on the list, two limits tightened so that there is something to loosen."""
    limits.install_policy(by="setup", now=NOW, symbols=["AAPL"])
    for name, value in (("positions", "8"), ("entries_day", "5")):
        terms: dict[str, Any] = {"scope_kind": "firm", "scope_key": "", "reason": "careful start"}
        limits.tighten(name=name, value=Decimal(value), by="ann", now=NOW, **terms)


Ask = Callable[..., ChangeRequest]


def asker(desk: Desk) -> Ask:
    """Ann asks for ten positions instead of eight, or for whatever is said otherwise."""

    def ask(**changes: Any) -> ChangeRequest:
        terms: dict[str, Any] = {
            "name": "positions",
            "scope_kind": "firm",
            "scope_key": "",
            "value": "10",
            "reason": "two more names fit the risk",
            "by": desk.ann,
            "now": NOW,
            "place": PLACE,
        }
        made = limits.propose(**{**terms, **changes})
        assert isinstance(made, ChangeRequest)
        return made

    return ask
