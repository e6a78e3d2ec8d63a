"""Writing versions of limits down, with history and event; whether one may be put in force is asked before."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max
from simple_history.utils import bulk_create_with_history

from audit import crash_points, trail
from risk import policy, wording
from risk.limit_terms import Wanted
from risk.models import ChangeRequest, Limit
from risk.models.scope import ScopeKind, label


def put(
    wanted: Wanted,
    *,
    reason: str,
    by: str,
    now: datetime,
    event: str,
    old: Limit | None = None,
    change: ChangeRequest | None = None,
) -> Limit:
    """Put one in force; the version `old`, which the caller has locked, ends.

    A clock that was set back refuses nobody a stricter value: the new version begins no sooner than the old one did.
    """
    at = now if old is None else max(now, old.active_from)
    user = User.objects.filter(username=by).first()
    versions = Limit.objects.filter(name=wanted.bound.name, scope_kind=wanted.scope_kind, scope_key=wanted.scope_key)
    with transaction.atomic():
        if old is not None:
            old.active_to = at
            _keep(old, user, reason, now, update_fields=["active_to"])
        last = versions.aggregate(last=Max("version"))["last"] or 0
        new = _row(wanted, last + 1, reason=reason, by=by, now=at, old=old, change=change)
        _keep(new, user, reason, now)
        trail.record_many([_told(wanted, new, event=event, by=by, now=now, old=old)])
    crash_points.reach("limit.changed")
    return new


def put_first(wanted: Sequence[Wanted], *, reason: str, by: str, now: datetime, event: str) -> list[Limit]:
    """`put` where none is in force, for many: one statement of each kind."""
    versions = Limit.objects.values_list("name", "scope_kind", "scope_key").annotate(Max("version"))
    last = {(name, kind, key): version for name, kind, key, version in versions}
    rows = [
        _row(each, last.get((each.bound.name, each.scope_kind, each.scope_key), 0) + 1, reason=reason, by=by, now=now)
        for each in wanted
    ]
    user = User.objects.filter(username=by).first()
    with transaction.atomic():
        words = {"default_user": user, "default_change_reason": reason.strip()[:100], "default_date": now}
        bulk_create_with_history(rows, Limit, **words)
        pairs = zip(wanted, rows, strict=True)
        trail.record_many(_told(each, row, event=event, by=by, now=now) for each, row in pairs)
    crash_points.reach("limit.changed")
    return rows


def _row(
    wanted: Wanted,
    version: int,
    *,
    reason: str,
    by: str,
    now: datetime,
    old: Limit | None = None,
    change: ChangeRequest | None = None,
) -> Limit:
    return Limit(
        scope_kind=wanted.scope_kind,
        scope_key=wanted.scope_key,
        name=wanted.bound.name,
        value=wanted.value,
        unit=wanted.bound.unit,
        version=version,
        active_from=now,
        expires_at=wanted.until,
        returns_to=_standing_value(old, wanted.bound) if wanted.until and old else None,
        set_by=by,
        reason=reason.strip(),
        change=change,
    )


def _told(wanted: Wanted, new: Limit, *, event: str, by: str, now: datetime, old: Limit | None = None) -> trail.Entry:
    before = f" (before: {wording.figure(wanted.bound.unit, old.value)})" if old else ""
    return trail.Entry(
        event=event,
        account=wanted.scope_key if wanted.scope_kind == ScopeKind.ACCOUNT else "",
        subject=wanted.bound.name,
        sentence=f"{wanted.named}{before}: {new.reason}",
        data={
            "scope": label(wanted.scope_kind, wanted.scope_key),
            "version": new.version,
            "new": wanted.value,
            "old": old.value if old else None,
            "until": wanted.until.isoformat() if wanted.until else None,
            "request": str(new.change_id) if new.change_id else None,
        },
        by=by,
        now=now,
    )


def _standing_value(old: Limit, bound: policy.Bound) -> Decimal:
    """What a temporary value returns to: never another temporary one, and nothing beyond the ceiling."""
    return bound.strictest(old.value if old.returns_to is None else old.returns_to, bound.ceiling)


def _keep(limit: Limit, user: User | None, reason: str, now: datetime, update_fields: list[str] | None = None) -> None:
    """Save with who and why, which django-simple-history copies into the history row."""
    limit._history_user = user  # type: ignore[attr-defined]
    limit._change_reason = reason.strip()[:100]  # type: ignore[attr-defined]
    limit._history_date = now  # type: ignore[attr-defined]
    limit.save(update_fields=update_fields)
