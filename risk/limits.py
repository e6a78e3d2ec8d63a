"""The one writer of limits: tightening at once by one person, loosening only through an executed sign-off."""

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Max

from audit import trail
from risk import policy, refusals, signoff, wording
from risk.models import ChangeRequest, Limit
from risk.models.scope import ScopeKind, label
from risk.signoff_terms import Place
from risk.standing import LimitInForce, Limits

KIND = "limit.loosen"

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._:/-]{0,63}")
_WHOLE = frozenset({policy.COUNT, policy.SECONDS, policy.FLAG})


class LimitRefused(refusals.Refused):
    """A limit cannot be set so; nothing was changed."""

    event = "limit.refused"


def in_force(*, account: str = "", strategy: str = "", symbol: str = "") -> Limits:
    """Return the strictest version in force of each limit over firm, account, strategy and symbol; one query.

    A row looser than the ceiling in code counts as the ceiling.
    """
    found: dict[str, LimitInForce] = {}
    for row in Limit.objects.in_force().reaching(account, strategy, symbol):
        bound = policy.BOUNDS.get(row.name)
        if bound is None:
            continue
        value = bound.strictest(row.value, bound.ceiling)
        known = found.get(row.name)
        if known is None or bound.is_stricter(value, known.value):
            found[row.name] = LimitInForce(row.name, value, row.version, row.scope)
    return Limits(found)


def install_policy(*, by: str, now: datetime, symbols: Sequence[str] = ()) -> list[Limit]:
    """Put the shipped policy in force for the firm, and `symbols` on the allow-list; safe to repeat.

    Only names that have no firm row yet are added. Symbols are free at the first installation only.
    Raises LimitRefused for a symbol that is not on the list once there is a policy: that needs two people.
    """
    with refusals.attempt():
        existing = set(Limit.objects.in_force().values_list("name", "scope_kind", "scope_key"))
        listed = {key for name, _, key in existing if name == "allowed"}
        if existing and set(symbols) - listed:
            new = ", ".join(sorted(set(symbols) - listed))
            raise _refuse(f"Adding {new} to the allow-list needs two people; propose it.", by, now, "allowed")
        firm = [(bound, "") for bound in policy.BOUNDS.values() if not bound.per_symbol_only]
        wanted = firm + [(policy.BOUNDS["allowed"], symbol) for symbol in symbols]
        reason = f"shipped policy {policy.NAME} ({policy.VERSION})"
        return [
            _put(bound, kind, key, bound.default, reason=reason, by=by, now=now, event="limit.installed")
            for bound, key in wanted
            for kind in (ScopeKind.SYMBOL if key else ScopeKind.FIRM,)
            if (bound.name, kind, key) not in existing
        ]


def tighten(
    *, name: str, scope_kind: str, scope_key: str, value: Decimal | str, reason: str, by: str, now: datetime
) -> Limit:
    """Put a stricter value in force at once; one person suffices, and so does the program.

    Raises LimitRefused for a value that is no number, beyond its ceiling, unchanged, or not stricter.
    """
    with refusals.attempt():
        bound, wanted = _checked(name, scope_kind, scope_key, value, reason, by, now)
        old = _lock_current(name, scope_kind, scope_key)
        if not _tightens(bound, scope_kind, old, wanted):
            sentence = f"{_named(bound, scope_kind, scope_key, wanted)} would loosen it; that needs a second person."
            raise _refuse(sentence, by, now, name)
        return _put(
            bound, scope_kind, scope_key, wanted, reason=reason, by=by, now=now, event="limit.tightened", old=old
        )


def propose(
    *,
    name: str,
    scope_kind: str,
    scope_key: str,
    value: Decimal | str,
    reason: str,
    by: User,
    now: datetime,
    place: Place,
) -> Limit | ChangeRequest:
    """Put a stricter value in force at once, or ask a second person for a looser one.

    Raises LimitRefused as `tighten` does, signoff.NotAllowed where the request cannot be made.
    """
    user = by.get_username()
    with refusals.attempt():
        bound, wanted = _checked(name, scope_kind, scope_key, value, reason, user, now)
        old = _lock_current(name, scope_kind, scope_key)
        if _tightens(bound, scope_kind, old, wanted):
            return _put(
                bound, scope_kind, scope_key, wanted, reason=reason, by=user, now=now, event="limit.tightened", old=old
            )
        payload = {
            "name": name,
            "scope_kind": scope_kind,
            "scope_key": scope_key,
            "old": _text(old.value) if old else None,
            "new": _text(wanted),
            "unit": bound.unit,
            "ceiling": _text(bound.ceiling),
        }
        return signoff.request(
            kind=KIND,
            target=f"limit:{name}@{label(scope_kind, scope_key)}",
            base_version=_version(old),
            payload=payload,
            reason=reason,
            by=by,
            now=now,
            place=place,
        )


def loosen(request: ChangeRequest, *, by: str, now: datetime, place: Place) -> Limit:
    """Carry out an approved request, once. Raises signoff.NotAllowed unless it may be used here and now."""
    with refusals.attempt():
        asked = signoff.consume(
            request.pk, kind=KIND, current_base_version=_version_of_target, by=by, now=now, place=place
        )
        wanted = asked.payload
        bound, value = _checked(
            wanted["name"], wanted["scope_kind"], wanted["scope_key"], wanted["new"], asked.reason, by, now
        )
        kind, key = wanted["scope_kind"], wanted["scope_key"]
        old = _lock_current(bound.name, kind, key)
        return _put(
            bound, kind, key, value, reason=asked.reason, by=by, now=now, event="limit.loosened", old=old, change=asked
        )


def _checked(
    name: str, scope_kind: str, scope_key: str, value: Decimal | str, reason: str, by: str, now: datetime
) -> tuple[policy.Bound, Decimal]:
    bound = policy.BOUNDS.get(name)
    if bound is None:
        raise _refuse(f"There is no limit {name!r}; choose one of {', '.join(policy.BOUNDS)}.", by, now, name)
    why = _scope_problem(bound, scope_kind, scope_key)
    if not reason.strip():
        why = why or "Say why: a change of a limit needs a reason."
    number = _number(value)
    if number is None:
        why = (
            why or f"{value} is not a number a limit can hold: give a plain figure, zero or more, six decimals at most."
        )
    elif bound.unit in _WHOLE and number != number.to_integral_value():
        why = why or f"The {wording.title(name)} counts in whole {bound.unit}; {value} is not whole."
    elif bound.unit == policy.FLAG and number > 1:
        why = why or f"The {wording.title(name)} is yes (1) or no (0), not {value}."
    elif not policy.within_ceiling(bound, number):
        ceiling = f"the ceiling {_text(bound.ceiling)} of the {wording.title(name)}"
        why = why or f"{value} is beyond {ceiling}, which no one can raise here."
    if why or number is None:
        raise _refuse(why, by, now, name)
    return bound, number


def _scope_problem(bound: policy.Bound, kind: str, key: str) -> str:
    if kind not in ScopeKind.values:
        return f"{kind!r} is no scope; choose firm, account, strategy or symbol."
    if bound.per_symbol_only and kind != ScopeKind.SYMBOL:
        return f"{bound.name} is set for a symbol, not for {label(kind, key)}."
    if kind == ScopeKind.FIRM:
        return "A limit of the firm has no key." if key else ""
    return "" if _KEY.fullmatch(key) else f"Name the {kind} the limit is for; {key!r} is no name."


def _number(value: Decimal | str) -> Decimal | None:
    try:
        number = Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        return None
    if not number.is_finite() or number < 0 or number >= Decimal(10) ** 14:
        return None
    return number if number == round(number, 6) else None


def _tightens(bound: policy.Bound, kind: str, old: Limit | None, new: Decimal) -> bool:
    held = None if old is None else bound.strictest(old.value, bound.ceiling)
    return policy.is_tightening(bound.name, held, new, firm=kind == ScopeKind.FIRM)


def _lock_current(name: str, kind: str, key: str) -> Limit | None:
    # The row alone is no lock: who waited for it would find it ended, miss the version that replaced it, and take a
    # tightening for a loosening. The statement after this lock sees what the one before us left.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"limit {name} {kind} {key}"])
    rows = Limit.objects.in_force().select_for_update(of=("self",))
    return rows.filter(name=name, scope_kind=kind, scope_key=key).first()


def _version_of_target(asked: ChangeRequest) -> str:
    wanted = asked.payload
    return _version(_lock_current(wanted["name"], wanted["scope_kind"], wanted["scope_key"]))


def _version(limit: Limit | None) -> str:
    return str(limit.version) if limit else "none"


def _put(
    bound: policy.Bound,
    kind: str,
    key: str,
    value: Decimal,
    *,
    reason: str,
    by: str,
    now: datetime,
    event: str,
    old: Limit | None = None,
    change: ChangeRequest | None = None,
) -> Limit:
    user = User.objects.filter(username=by).first()
    with transaction.atomic():
        if old is not None:
            old.active_to = now
            _keep(old, user, reason, now, update_fields=["active_to"])
        last = Limit.objects.filter(name=bound.name, scope_kind=kind, scope_key=key).aggregate(last=Max("version"))
        new = Limit(
            scope_kind=kind,
            scope_key=key,
            name=bound.name,
            value=value,
            unit=bound.unit,
            version=(last["last"] or 0) + 1,
            active_from=now,
            set_by=by,
            reason=reason.strip(),
            change=change,
        )
        _keep(new, user, reason, now)
        before = f" (before: {wording.figure(bound.unit, old.value)})" if old else ""
        trail.record(
            event=event,
            account=key if kind == ScopeKind.ACCOUNT else "",
            subject=bound.name,
            sentence=f"{_named(bound, kind, key, value)}{before}: {reason.strip()}",
            data={
                "scope": label(kind, key),
                "version": new.version,
                "new": value,
                "old": old.value if old else None,
                "request": str(change.pk) if change else None,
            },
            by=by,
            now=now,
        )
    return new


def _keep(limit: Limit, user: User | None, reason: str, now: datetime, update_fields: list[str] | None = None) -> None:
    """Save with who and why, which django-simple-history copies into the history row."""
    limit._history_user = user  # type: ignore[attr-defined]
    limit._change_reason = reason.strip()[:100]  # type: ignore[attr-defined]
    limit._history_date = now  # type: ignore[attr-defined]
    limit.save(update_fields=update_fields)


def _named(bound: policy.Bound, kind: str, key: str, value: Decimal) -> str:
    scope = "the firm" if kind == ScopeKind.FIRM else label(kind, key)
    return f"{wording.title(bound.name)} {wording.figure(bound.unit, value)} for {scope}"


def _text(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _refuse(sentence: str, by: str, now: datetime, subject: str) -> LimitRefused:
    return LimitRefused(sentence, by=by, now=now, subject=subject)
