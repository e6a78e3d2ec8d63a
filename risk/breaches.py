"""The one writer of breaches: limits that were reached, and how a person closed them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from django.db import IntegrityError, transaction

from audit import trail
from audit.severity import Severity
from risk import refusals
from risk.at_trade.values import Action
from risk.exposure import Denial, ProposedOrder
from risk.models import Breach
from risk.standing import LimitInForce

PREVENTED_DONE = "the order was denied"
BROKEN_DONE = "the order was denied; entries stay denied while it lasts"


class ClosingRefused(refusals.Refused):
    """A breach cannot be closed so."""

    event = "breach.closing_refused"


def note(
    denials: Iterable[Denial],
    proposed: ProposedOrder,
    *,
    broken: frozenset[str],
    session_date: date,
    now: datetime,
) -> None:
    """Keep one open breach per account, symbol, code and session for the denials that name a limit.

    Codes in `broken` say that the account already stands beyond the limit: those are events of their own. Of a
    prevented one the denied intent is the event.
    """
    rows = [
        _row(denial, proposed, broken=denial.code in broken, session_date=session_date, now=now)
        for denial in denials
        if denial.limit_name
    ]
    known = _known(rows) if any(row.stage == Breach.Stage.BROKEN for row in rows) else set()
    # A repeat meets the constraint and adds nothing.
    Breach.objects.bulk_create(rows, ignore_conflicts=True)
    for row in rows:
        if row.stage == Breach.Stage.BROKEN and row.code not in known:
            _record("breach.opened", row, row.sentence, by="gate", now=now)


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was seen at trade, against which limit, and what was done about it."""

    account: str
    mode: str
    code: str
    control: int
    limit: LimitInForce
    seen: str
    sentence: str
    done: str
    session_date: date
    broken: bool
    """Whether something was stopped for it; a mere warning otherwise."""
    strategy: str = ""
    symbol: str = ""


class Found(Protocol):
    """What a monitor or a control after the trade found: an Alarm, a Finding."""

    @property
    def code(self) -> StrEnum: ...
    @property
    def control(self) -> int: ...
    @property
    def sentence(self) -> str: ...
    @property
    def seen(self) -> str: ...
    @property
    def limit(self) -> LimitInForce: ...
    @property
    def action(self) -> Action: ...
    @property
    def symbol(self) -> str: ...


def sighting(
    found: Found, *, account: str, mode: str, session_date: date, done: dict[Action, str], strategy: str = ""
) -> Sighting:
    """The breach that a finding is; `done` says for each action what was done about it."""
    return Sighting(
        account=account,
        mode=mode,
        code=found.code.value,
        control=found.control,
        limit=found.limit,
        seen=found.seen,
        sentence=found.sentence,
        done=done[found.action],
        session_date=session_date,
        broken=found.action != Action.WARN,
        strategy=strategy,
        symbol=found.symbol,
    )


def open_sighting(sighting: Sighting, *, by: str, now: datetime) -> Breach | None:
    """Keep a breach of what was seen at trade, and record it; None where one stands open for it already."""
    stage = Breach.Stage.BROKEN if sighting.broken else Breach.Stage.WARNED
    row = Breach(
        account=sighting.account,
        mode=sighting.mode,
        strategy=sighting.strategy,
        symbol=sighting.symbol,
        code=sighting.code,
        control=sighting.control,
        stage=stage,
        seen=sighting.seen[:200],
        limit_name=sighting.limit.name,
        limit_value=f"{sighting.limit.value.normalize():f}",
        limit_version=sighting.limit.version,
        sentence=sighting.sentence,
        done=sighting.done,
        session_date=sighting.session_date,
        opened_at=now,
    )
    severity = Severity.CRITICAL if sighting.broken else Severity.SERIOUS
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            _record("breach.opened", row, row.sentence, by=by, now=now, severity=severity)
    except IntegrityError:
        # One stands open for it: who saw it first has acted and told.
        return None
    return row


def seen_since(account: str, codes: Iterable[str], since: date) -> dict[tuple[str, str, str], date]:
    """(code, strategy, symbol) -> the last session in which a breach of it began, from `since` on, open or closed."""
    found = Breach.objects.filter(account=account, code__in=list(codes), session_date__gte=since)
    rows = found.order_by("session_date").values_list("code", "strategy", "symbol", "session_date")
    return {(code, strategy, symbol): on for code, strategy, symbol, on in rows}


def close(breach: Breach, *, reason: str, by: str, now: datetime) -> Breach:
    """Close a breach, once. Raises ClosingRefused without a reason or when it is closed already."""
    with refusals.attempt():
        row = Breach.objects.select_for_update().get(pk=breach.pk)
        why = "It is closed already." if row.closed_at else "" if reason.strip() else "Say why it is settled."
        if why:
            raise ClosingRefused(why, by=by, now=now, subject=str(row), account=row.account)
        row.closed_at, row.closed_by, row.closing_reason = now, by, reason.strip()
        row.save(update_fields=["closed_at", "closed_by", "closing_reason"])
        _record("breach.closed", row, f"{row} closed: {row.closing_reason}", by=by, now=now)
        return row


def _known(rows: list[Breach]) -> set[str]:
    first = rows[0]
    open_now = Breach.objects.open().filter(account=first.account, session_date=first.session_date)
    return set(open_now.filter(code__in=[row.code for row in rows]).values_list("code", flat=True))


def _row(denial: Denial, proposed: ProposedOrder, *, broken: bool, session_date: date, now: datetime) -> Breach:
    return Breach(
        account=proposed.account,
        mode=proposed.mode,
        strategy=proposed.strategy,
        # What the account broke it broke as a whole, whichever symbol was asked for.
        symbol="" if broken else proposed.symbol,
        code=denial.code,
        control=denial.control,
        stage=Breach.Stage.BROKEN if broken else Breach.Stage.PREVENTED,
        seen=denial.seen[:200],
        limit_name=denial.limit_name,
        limit_value=denial.limit[:64],
        limit_version=denial.limit_version,
        sentence=denial.sentence,
        done=BROKEN_DONE if broken else PREVENTED_DONE,
        session_date=session_date,
        opened_at=now,
    )


def _record(
    event: str, breach: Breach, sentence: str, *, by: str, now: datetime, severity: Severity = Severity.SERIOUS
) -> None:
    trail.record(
        event=event,
        account=breach.account,
        mode=breach.mode if breach.mode in {"paper", "live"} else "",
        subject=breach.code,
        sentence=sentence,
        data={"seen": breach.seen, "limit": breach.limit_name, "value": breach.limit_value, "done": breach.done},
        by=by,
        now=now,
        severity=severity,
    )
