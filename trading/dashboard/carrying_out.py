"""Which use case carries out which kind of approved request: one call each."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User

from risk import adopting, halts, limits, membership, signoff_terms, wording
from risk.models import ChangeRequest
from trading import golive, staging, strategy_changes
from trading.dashboard import modes
from trading.halting import releasing
from trading.models import Account
from trading.reconciling import cases


class Unknown(LookupError):
    """A kind of request that is not carried out from a page; the sentence says so."""


def carry_out(asked: ChangeRequest, *, by: User, typed_number: str, now: datetime) -> str:
    """Do what was approved; returns what now holds. Raises `Unknown`, and `refusals.Refused` where it may not be."""
    act = _ACTS.get(asked.kind)
    if act is None:
        raise Unknown(f"A request of the kind {asked.kind} is not carried out here.")
    return act(asked, by, typed_number, now)


def needs_number(asked: ChangeRequest) -> bool:
    """Whether the account number must be typed to carry it out."""
    return asked.kind == golive.KIND


def _loosen(asked: ChangeRequest, by: User, _: str, now: datetime) -> str:
    limit = limits.loosen(asked, by=by.get_username(), now=now, place=signoff_terms.here(asked.account))
    return f"In force: {limit}."


def _release(asked: ChangeRequest, by: User, _: str, now: datetime) -> str:
    halt = releasing.carry_out(asked, by_user=by, now=now)
    return f"Released: {halt}."


def _arm(asked: ChangeRequest, by: User, typed_number: str, now: datetime) -> str:
    account = Account.objects.get(number=asked.account)
    armed = golive.arm(request_id=asked.pk, account=account, by_user=by, typed_number=typed_number, now=now)
    orders = "simulated live orders" if modes.simulated() else "real orders"
    return f"Account {account.number} may send {orders} until {wording.moment(armed.expires_at)}."


def _change_strategy(asked: ChangeRequest, by: User, _: str, now: datetime) -> str:
    return f"In force: {strategy_changes.carry_out(asked, by_user=by, now=now)}."


def _adjust(asked: ChangeRequest, by: User, _: str, now: datetime) -> str:
    return f"Booked, and closed: {cases.carry_out(asked, by_user=by, now=now)}."


def _rise(asked: ChangeRequest, by: User, _: str, now: datetime) -> str:
    moved = staging.carry_out(asked, by_user=by, now=now)
    return f"Account {moved.account} stands at stage {moved.to_stage} now; it goes live again by a new request."


def _govern(act: Callable[..., Any]) -> Callable[[ChangeRequest, User, str, datetime], str]:
    def carry(asked: ChangeRequest, by: User, _: str, now: datetime) -> str:
        return f"Done: {act(asked, by=by.get_username(), now=now, place=signoff_terms.here(asked.account))}."

    return carry


_ACTS: dict[str, Callable[[ChangeRequest, User, str, datetime], str]] = {
    limits.KIND: _loosen,
    halts.KIND: _release,
    golive.KIND: _arm,
    strategy_changes.KIND: _change_strategy,
    cases.KIND: _adjust,
    staging.KIND: _rise,
    membership.ENROL: _govern(membership.enrol),
    membership.CHANGE: _govern(membership.change),
    membership.ADMIT: _govern(membership.admit),
    adopting.KIND: _govern(adopting.carry_out),
}
