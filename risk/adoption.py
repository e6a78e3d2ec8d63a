"""The one writer of policy adoptions: the first by the desk's beginning, every later text by two people.

While the program's policy is not the adopted one nothing is loosened under it.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any

import rfc8785

from audit import trail
from risk import policy, stages, wording
from risk.models import ChangeRequest, PolicyAdoption

KIND = "policy.adopt"
WAIT = timedelta(hours=24)
"""How long an adopted policy waits before anything is loosened under it."""

_FREE = frozenset({KIND, "halt.release"})
"""Kinds that do not wait: adopting itself, and letting trading go on under limits that stand."""


def content() -> dict[str, Any]:
    """The policy in the code as two people compare it: per limit its default, ceilings and which way is stricter."""
    limits = {
        bound.name: {
            "default": f"{bound.default:f}",
            "ceiling": f"{bound.ceiling:f}",
            "unit": bound.unit,
            "stricter": bound.stricter.value,
            **({"stages": " / ".join(stages.CAPS[bound.name])} if bound.name in stages.CAPS else {}),
        }
        for bound in policy.BOUNDS.values()
    }
    return {"name": policy.NAME, "version": policy.VERSION, "limits": limits}


def digest() -> str:
    """SHA-256 over the canonical JSON (RFC 8785) of the policy in the code."""
    return hashlib.sha256(rfc8785.dumps(content())).hexdigest()


def latest() -> PolicyAdoption | None:
    """What the desk adopted last, whether or not its waiting time is over."""
    return PolicyAdoption.objects.order_by("-pk").first()


def why_not_loosen(kind: str, now: datetime) -> str:
    """Say why nothing of this kind may be loosened now for want of an adopted policy; empty when it may."""
    if kind in _FREE:
        return ""
    held = latest()
    if held is None or held.digest != digest():
        return (
            f"The desk has not adopted the policy {policy.VERSION} this program has;"
            " have two people adopt it first (Requests, Adopt the policy)."
        )
    if now < held.holds_from:
        return f"The policy {held.version} was just adopted; it holds from {wording.moment(held.holds_from)}."
    return ""


def begin(*, by: str, now: datetime) -> None:
    """Adopt the policy in the code for a desk that has adopted none; safe to repeat."""
    if latest() is None:
        _keep(None, by=by, now=now, holds_from=now)


def adopt(request: ChangeRequest, *, by: str, now: datetime) -> PolicyAdoption:
    """Adopt the policy in the code, by a request for it that was just executed."""
    return _keep(request, by=by, now=now, holds_from=now + WAIT)


def _keep(request: ChangeRequest | None, *, by: str, now: datetime, holds_from: datetime) -> PolicyAdoption:
    made = PolicyAdoption.objects.create(
        version=policy.VERSION,
        digest=digest(),
        content=content(),
        adopted_at=now,
        holds_from=holds_from,
        change=request,
    )
    trail.record(
        event="policy.adopted",
        subject=made.version,
        sentence=f"The desk adopted the policy {made.version}; it holds from {wording.moment(holds_from)}.",
        data={"digest": made.digest, "request": str(request.pk) if request else None},
        by=by,
        now=now,
    )
    return made
