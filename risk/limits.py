"""What becomes a limit (`limit_rows` writes it): tightening at once by one, loosening through an executed sign-off."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Subquery

from risk import limit_rows, limit_terms, policy, ramp, refusals, signoff, stages
from risk.limit_terms import Wanted, text
from risk.models import ChangeRequest, Limit, StageMove
from risk.models.scope import ScopeKind, label
from risk.signoff_terms import Place
from risk.standing import LimitInForce, Limits, StageInForce

KIND = "limit.loosen"
BY = "limits"


class LimitRefused(refusals.Refused):
    """A limit cannot be set so; nothing was changed."""

    event = "limit.refused"


def in_force(*, account: str = "", strategy: str = "", symbol: str = "", now: datetime | None = None) -> Limits:
    """Return the strictest version in force of each limit over firm, account, strategy and symbol; one query.

    A row looser than the ceiling in code, or than the account's stage allows, counts as that. A temporary value counts
    until its end and no moment longer, whether or not anybody has ended it yet; without `now` it counts as ended.
    """
    last = StageMove.objects.filter(account=account).order_by("-number")
    # Values and no rows: every decision reads them, and there are dozens.
    rows = (
        Limit.objects.in_force()
        .reaching(account, strategy, symbol)
        .annotate(stage=Subquery(last.values("to_stage")[:1]), move=Subquery(last.values("number")[:1]))
        .values_list("name", "value", "version", "scope_kind", "scope_key", "expires_at", "returns_to", "stage", "move")
    )
    stage = next((StageInForce(name, move) for *_, name, move in rows if name), None)
    return stages.capped(strictest_of((row[:7] for row in rows), now=now), stage)


def strictest_of(rows: Iterable[tuple[Any, ...]], *, now: datetime | None) -> Limits:
    """The strictest of each name among versions: name, value, version, scope's kind and key, end, what returns."""
    found = Limits()
    for name, given, version, kind, key, expires_at, returns_to in rows:
        bound = policy.BOUNDS.get(name)
        if bound is None:
            continue
        value = limit_terms.value_at(given, expires_at, returns_to, bound=bound, now=now)
        value = bound.strictest(value, bound.ceiling)
        known = found.get(name)
        if known is None or bound.is_stricter(value, known.value):
            found[name] = LimitInForce(name, value, version, label(kind, key))
    return found


def install_policy(*, by: str, now: datetime, symbols: Sequence[str] = ()) -> list[Limit]:
    """Put the shipped policy in force for the firm, and `symbols` on the allow-list; safe to repeat.

    Only names that have no firm row yet are added. Symbols are free at the first installation only.
    Raises LimitRefused for a symbol that is not on the list once there is a policy: that needs two people.
    """
    with refusals.attempt():
        existing = set(Limit.objects.in_force().values_list("name", "scope_kind", "scope_key"))
        listed = {key for name, _, key in existing if name == "allowed"}
        if existing and set(symbols) - listed:
            others = ", ".join(sorted(set(symbols) - listed))
            raise _refuse(f"Adding {others} to the allow-list needs two people; propose it.", by, now, "allowed")
        firm = [(bound, "") for bound in policy.BOUNDS.values() if not bound.per_symbol_only]
        wanted = firm + [(policy.BOUNDS["allowed"], symbol) for symbol in symbols]
        reason = f"shipped policy {policy.NAME} ({policy.VERSION})"
        new = [
            Wanted(bound, kind, key, bound.default)
            for bound, key in wanted
            for kind in (ScopeKind.SYMBOL if key else ScopeKind.FIRM,)
            if (bound.name, kind, key) not in existing
        ]
        return limit_rows.put_first(new, reason=reason, by=by, now=now, event="limit.installed") if new else []


def tighten(
    *, name: str, scope_kind: str, scope_key: str, value: Decimal | str, reason: str, by: str, now: datetime
) -> Limit:
    """Put a stricter value in force at once; one person suffices, and so does the program.

    Raises LimitRefused for a value that is no number, beyond its ceiling, unchanged, or not stricter.
    """
    with refusals.attempt():
        wanted = _checked(name, scope_kind, scope_key, value, reason, by=by, now=now)
        old = _lock_current(name, scope_kind, scope_key)
        if not wanted.tightens(old):
            raise _refuse(f"{wanted.named} would loosen it; that needs a second person.", by, now, name)
        return limit_rows.put(wanted, reason=reason, by=by, now=now, event="limit.tightened", old=old)


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
    until: datetime | None = None,
    is_known: Callable[[str, str], bool] = lambda kind, key: True,
) -> Limit | ChangeRequest:
    """Put a stricter value in force at once, or ask a second person for a looser one.

    A looser one may be asked for until an instant, at which the value before it returns by itself. `is_known` says
    whether the desk has that account, strategy or symbol: risk itself does not know them.
    Raises LimitRefused as `tighten` does, signoff.NotAllowed where the request cannot be made.
    """
    user = by.get_username()
    with refusals.attempt():
        wanted = _checked(name, scope_kind, scope_key, value, reason, by=user, now=now, until=until)
        if scope_kind != ScopeKind.FIRM and not is_known(scope_kind, scope_key):
            raise _refuse(
                f"The desk has no {scope_kind} {scope_key}; a limit for it would bind nothing.", user, now, name
            )
        old = _lock_current(name, scope_kind, scope_key)
        if wanted.tightens(old):
            if until is not None:
                raise _refuse(f"{wanted.named} is stricter than now; a stricter value has no end.", user, now, name)
            return limit_rows.put(wanted, reason=reason, by=user, now=now, event="limit.tightened", old=old)
        if why := ramp.why_not_raise(wanted):
            raise _refuse(why, user, now, name)
        if until is not None and old is None:
            raise _refuse("A temporary value needs one to return to, and none is in force here.", user, now, name)
        payload = {
            "name": name,
            "scope_kind": scope_kind,
            "scope_key": scope_key,
            "old": text(old.value) if old else None,
            "new": text(wanted.value),
            "unit": wanted.bound.unit,
            "ceiling": text(wanted.bound.ceiling),
            "until": until.isoformat() if until else None,
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
        said = asked.payload
        until = datetime.fromisoformat(said["until"]) if said.get("until") else None
        wanted = _checked(
            said["name"], said["scope_kind"], said["scope_key"], said["new"], asked.reason, by=by, now=now, until=until
        )
        old = _lock_current(wanted.bound.name, wanted.scope_kind, wanted.scope_key)
        return limit_rows.put(
            wanted, reason=asked.reason, by=by, now=now, event="limit.loosened", old=old, change=asked
        )


def return_expired(*, now: datetime) -> list[Limit]:
    """Put back what stood before each temporary value whose end has come; safe to repeat and to run twice at once."""
    with transaction.atomic():
        ended = list(Limit.objects.in_force().filter(expires_at__lte=now).order_by("pk"))
        back = []
        for row in ended:
            current = _lock_current(row.name, row.scope_kind, row.scope_key)
            bound = policy.BOUNDS.get(row.name)
            if bound is None or current is None or current.pk != row.pk or current.returns_to is None:
                continue
            wanted = Wanted(bound, row.scope_kind, row.scope_key, current.returns_to)
            reason = f"the time of version {row.version} is over"
            back.append(limit_rows.put(wanted, reason=reason, by=BY, now=now, event="limit.returned", old=current))
        return back


def _checked(
    name: str,
    scope_kind: str,
    scope_key: str,
    value: Decimal | str,
    reason: str,
    *,
    by: str,
    now: datetime,
    until: datetime | None = None,
) -> Wanted:
    try:
        return limit_terms.check(name, scope_kind, scope_key, value, reason, until=until, now=now)
    except limit_terms.Unfit as why:
        raise _refuse(str(why), by, now, name) from why


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


def _refuse(sentence: str, by: str, now: datetime, subject: str) -> LimitRefused:
    return LimitRefused(sentence, by=by, now=now, subject=subject)
