"""Adopting a changed policy: one person asks with the difference in view, another decides, and then it waits a day."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User

from risk import adoption, policy, refusals, signoff
from risk.models import ChangeRequest, PolicyAdoption
from risk.signoff_terms import Place

KIND = adoption.KIND


class PolicyRefused(refusals.Refused):
    """A policy is not adopted; nothing was changed."""

    event = "policy.refused"


def propose(*, reason: str, by: User, now: datetime, place: Place) -> ChangeRequest:
    """Ask another person to adopt the policy in the code. Raises PolicyRefused when it is adopted already."""
    with refusals.attempt():
        held = adoption.latest()
        if held is not None and held.digest == adoption.digest():
            sentence = f"The desk has adopted the policy {policy.VERSION} already."
            raise PolicyRefused(sentence, by=by.get_username(), now=now, subject=policy.VERSION)
        old = held.content if held else {}
        return signoff.request(
            kind=KIND,
            target=f"policy:{policy.VERSION}",
            base_version=_version(held),
            payload={
                "digest": adoption.digest(),
                "old": held.version if held else None,
                "new": policy.VERSION,
                "differences": differences(old.get("limits", {}), adoption.content()["limits"]),
            },
            reason=reason,
            by=by,
            now=now,
            place=place,
        )


def carry_out(request: ChangeRequest, *, by: str, now: datetime, place: Place) -> PolicyAdoption:
    """Adopt by an approved request, once. Raises PolicyRefused where the code's policy is another one by now."""
    with refusals.attempt():
        asked = signoff.consume(
            request.pk,
            kind=KIND,
            current_base_version=lambda _: _version(adoption.latest()),
            by=by,
            now=now,
            place=place,
        )
        if asked.payload["digest"] != adoption.digest():
            raise PolicyRefused("The policy has changed since it was approved; ask again.", by=by, now=now)
        return adoption.adopt(asked, by=by, now=now)


def differences(old: dict[str, Any], new: dict[str, Any]) -> dict[str, str]:
    """What each limit was and is to be, for those that differ."""
    return {
        name: f"{_said(old.get(name))} → {_said(new.get(name))}"
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    }


def _said(bound: dict[str, str] | None) -> str:
    if not bound:
        return "none"
    at_stages = f", at S0 to S4 {bound['stages']}" if "stages" in bound else ""
    return f"default {bound['default']}, ceiling {bound['ceiling']} {bound['unit']}{at_stages}"


def _version(held: PolicyAdoption | None) -> str:
    return held.digest if held else "none"
