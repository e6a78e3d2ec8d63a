"""The one writer of halts: anyone stops at once and alone; going on again takes an executed sign-off of two people."""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import DatabaseError, IntegrityError, transaction

from audit import crash_points, trail
from audit.severity import Severity
from risk import halt_files, latch, refusals, signoff
from risk.models import ChangeRequest, Halt
from risk.models.scope import ScopeKind, label
from risk.signoff_terms import Place
from risk.standing import HaltInForce, HaltView

KIND = "halt.release"

logger = logging.getLogger(__name__)


class HaltRefused(refusals.Refused):
    """A halt cannot be engaged or released so; nothing was changed."""

    event = "halt.refused"


def engage(*, level: str, scope_kind: str, scope_key: str, reason: str, by: str, now: datetime) -> Halt:
    """Stop trading for a scope; needs nobody's approval. An open halt of the same scope and level is returned as it is.

    Engages the latch alone: canceling and flattening at the broker is the caller's next step.
    Raises HaltRefused without a reason or for a level or scope that does not exist.
    """
    with refusals.attempt():
        why = _problem(level, scope_kind, scope_key, reason)
        if why:
            raise HaltRefused(why, by=by, now=now, subject=label(scope_kind, scope_key))
        try:
            with transaction.atomic():
                latch.close()
                halt = Halt.objects.create(
                    level=level,
                    scope_kind=scope_kind,
                    scope_key=scope_key,
                    reason=reason.strip(),
                    engaged_by=by,
                    engaged_at=now,
                )
        except IntegrityError:
            # Somebody was first; the constraint says so, whoever raced.
            return Halt.objects.open().get(level=level, scope_kind=scope_kind, scope_key=scope_key)
        if halt.is_drill:
            _record("drill.latched", halt, f"The drill's own latch is closed: {halt.reason}", by, now, Severity.INFO)
        else:
            _record("halt.engaged", halt, f"{halt} engaged: {halt.reason}", by, now, Severity.CRITICAL)
        crash_points.reach("halt.before_commit")
        return halt


def state(*, account: str = "", strategy: str = "", symbol: str = "") -> HaltView:
    """Return the open halts that reach this account, strategy and symbol; one query. Unreadable is a value too.

    A halt that was raised without the database counts from its file on, before it is recorded.
    """
    try:
        rows = list(
            Halt.objects.open()
            .reaching(account, strategy, symbol)
            .order_by("engaged_at", "id")
            .values_list("id", "level", "scope_kind", "scope_key", "reason", "engaged_by")
        )
    except DatabaseError:
        logger.exception("the halt latch cannot be read; nothing is sent")
        return HaltView(readable=False)
    return view(rows, account=account)


def view(rows: Iterable[tuple[Any, ...]], *, account: str) -> HaltView:
    """Open halts (id, level, scope's kind and key, reason, by whom) and those that lie in files, as one view."""
    try:
        files = halt_files.read(Path(settings.HALT_DIRECTORY), file_keys())
    except OSError:
        logger.exception("the files of direct halts cannot be read; nothing is sent")
        return HaltView(readable=False)
    recorded = tuple(HaltInForce(pk, level, label(kind, key), why, by) for pk, level, kind, key, why, by in rows)
    raised = tuple(_in_force(each.halt) for each in files if each.halt.account in ("", account))
    return HaltView(True, recorded + raised)


def file_keys() -> list[str]:
    """What halt files may be signed with: the secret key, and those it replaced."""
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def _in_force(halt: halt_files.DirectHalt) -> HaltInForce:
    kind = ScopeKind.ACCOUNT if halt.account else ScopeKind.FIRM
    return HaltInForce(0, halt.level, label(kind, halt.account), halt.reason, halt.by)


def request_release(
    halt: Halt, *, reason: str, evidence: Mapping[str, Any], by: User, now: datetime, place: Place
) -> ChangeRequest:
    """Ask a second person to let trading go on. `evidence` names the fresh preflight and the clean reconciliation.

    Raises HaltRefused for a halt that is released already, signoff.NotAllowed where the request cannot be made.
    """
    with refusals.attempt():
        if halt.released_at is not None:
            raise HaltRefused(f"{halt} is released already.", by=by.get_username(), now=now, subject=halt.scope)
        payload = {
            "halt": halt.pk,
            "level": halt.level,
            "scope": halt.scope,
            "engaged_by": halt.engaged_by,
            "engaged_reason": halt.reason,
            "old": "halted",
            "new": "released",
            "evidence": dict(evidence),
        }
        return signoff.request(
            kind=KIND,
            target=f"halt:{halt.pk}",
            base_version=_version(halt),
            payload=payload,
            reason=reason,
            by=by,
            now=now,
            place=place,
        )


def release(
    request: ChangeRequest, *, still_clear: Callable[[Halt], str], by: str, now: datetime, place: Place
) -> Halt:
    """Carry out an approved release, once. `still_clear` says why trading may not go on now, or nothing.

    Raises HaltRefused while something is not clear, signoff.NotAllowed unless the approval may be used here and now.
    """
    with refusals.attempt():
        locked: list[Halt] = []

        def current(asked: ChangeRequest) -> str:
            locked.append(Halt.objects.select_for_update(of=("self",)).get(pk=asked.payload["halt"]))
            return _version(locked[0])

        asked = signoff.consume(request.pk, kind=KIND, current_base_version=current, by=by, now=now, place=place)
        halt = locked[0]
        why = still_clear(halt)
        if why:
            raise HaltRefused(f"{halt} stays: {why}", by=by, now=now, subject=halt.scope)
        halt.released_at, halt.released_by, halt.release = now, by, asked
        halt.save(update_fields=["released_at", "released_by", "release"])
        _record("halt.released", halt, f"{halt} released: {asked.reason}", by, now, Severity.SERIOUS)
        return halt


def _problem(level: str, scope_kind: str, scope_key: str, reason: str) -> str:
    if level not in Halt.Level.values:
        return f"{level!r} is no level; choose H1 (no new entries), H2 (cancel entries) or H3 (flatten)."
    if scope_kind not in ScopeKind.values:
        return f"{scope_kind!r} is no scope; choose firm, account, strategy or symbol."
    if (scope_kind == ScopeKind.FIRM) == bool(scope_key):
        return "The firm has no key; every other scope needs one."
    return "" if reason.strip() else "Say why: a halt needs a reason."


def _version(halt: Halt) -> str:
    return "open" if halt.released_at is None else "released"


def _record(event: str, halt: Halt, sentence: str, by: str, now: datetime, severity: Severity) -> None:
    trail.record(
        event=event,
        account=halt.scope_key if halt.scope_kind == ScopeKind.ACCOUNT else "",
        subject=f"halt:{halt.pk}",
        sentence=sentence,
        data={"halt": halt.pk, "level": halt.level, "scope": halt.scope, "reason": halt.reason},
        by=by,
        now=now,
        severity=severity,
    )
