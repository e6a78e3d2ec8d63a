"""Controls 51 and 52: assessed within a year, proved under twice the load, secrets young, backups that come back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from risk import wording
from risk.at_trade.values import Action
from risk.exposure import DenialCode
from risk.post_trade.values import Finding, FindingCode, in_code
from risk.standing import Limits, Unjudgeable

LIVE = "live"
YEAR = timedelta(days=365)
SECRET_LASTS = timedelta(days=90)
RESTORE_LASTS = timedelta(days=30)
TIMES = 2
"""A stress run carries this many times the period's highest load."""


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret of the program by its name, and since when it is known to be the same."""

    name: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Kept:
    """What people last did for the house, wall clock; None for never. `mode` is that of the account that asks."""

    mode: str
    now: datetime
    assessed_at: datetime | None
    stressed_at: datetime | None
    stress_carried: int | None
    """Messages within a minute that the last stress run carried."""
    peak: int | None
    """Highest count of messages within a minute in the period; None where nobody could count."""
    secrets: tuple[Secret, ...] | None
    restored_at: datetime | None


def assessment(kept: Kept, limits: Limits) -> tuple[Finding, ...]:
    """Stop a live start, and warn of a paper one, without a self-assessment of the last twelve months."""
    if _is_young(kept.assessed_at, kept.now, YEAR):
        return ()
    sentence = (
        f"The controls were {_last('assessed', kept.assessed_at)}; a person does it every 12 months, under Upkeep."
    )
    limit = in_code("assessment_days", YEAR.days)
    return (Finding(FindingCode.ASSESSMENT_OLD, 51, sentence, _when(kept.assessed_at), limit, _action(kept)),)


def stress(kept: Kept, limits: Limits) -> tuple[Finding, ...]:
    """Stop a live start, and warn of a paper one, unless a run of the last year carried twice today's highest load.

    Raises Unjudgeable where the highest load is not known.
    """
    if kept.peak is None:
        raise Unjudgeable(DenialCode.INPUT_MISSING, "Not known: the highest count of messages of the last six months.")
    if not _is_young(kept.stressed_at, kept.now, YEAR):
        sentence = f"The desk was {_last('put under stress', kept.stressed_at)}; run manage.py stress every 12 months."
        limit = in_code("stress_days", YEAR.days)
        return (Finding(FindingCode.STRESS_OLD, 51, sentence, _when(kept.stressed_at), limit, _action(kept)),)
    carried, wanted = kept.stress_carried or 0, TIMES * kept.peak
    if carried >= wanted:
        return ()
    sentence = (
        f"The last stress run carried {carried} messages a minute; the highest load since was {kept.peak}, so it takes"
        f" {wanted}. Run manage.py stress."
    )
    limit = in_code("stress_messages", wanted)
    return (Finding(FindingCode.STRESS_SHORT, 51, sentence, str(carried), limit, _action(kept)),)


def secrets(kept: Kept, limits: Limits) -> tuple[Finding, ...]:
    """Stop a live start, and warn of a paper one, for each secret that has been the same for more than 90 days.

    Raises Unjudgeable where the secrets in use are not known.
    """
    if not kept.secrets:
        raise Unjudgeable(DenialCode.INPUT_MISSING, "Not known: which secrets the program uses.")
    limit = in_code("secret_days", SECRET_LASTS.days)
    return tuple(
        Finding(
            FindingCode.SECRET_OLD,
            52,
            f"{each.name} {_same(each.since)}; renew it every {SECRET_LASTS.days} days and restart.",
            _when(each.since),
            limit,
            _action(kept),
        )
        for each in kept.secrets
        if not _is_young(each.since, kept.now, SECRET_LASTS)
    )


def restore(kept: Kept, limits: Limits) -> tuple[Finding, ...]:
    """Stop a live start, and warn of a paper one, when no backup came back and was checked within 30 days."""
    if _is_young(kept.restored_at, kept.now, RESTORE_LASTS):
        return ()
    last = _last("restored from a backup and checked", kept.restored_at)
    sentence = f"The database was {last}; do it every {RESTORE_LASTS.days} days: manage.py check_restore."
    limit = in_code("restore_days", RESTORE_LASTS.days)
    return (Finding(FindingCode.RESTORE_OLD, 52, sentence, _when(kept.restored_at), limit, _action(kept)),)


def age_in_days(at: datetime | None, now: datetime) -> Decimal | None:
    """Whole days since then; None for never, and for a time to come, which says nothing."""
    return Decimal((now - at).days) if at is not None and at <= now else None


def _is_young(at: datetime | None, now: datetime, lasts: timedelta) -> bool:
    # What lies in the future was not done: a clock is wrong, or somebody says so.
    return at is not None and timedelta(0) <= now - at <= lasts


def _last(done: str, at: datetime | None) -> str:
    return f"last {done} on {wording.moment(at)}" if at else f"never {done}"


def _same(since: datetime | None) -> str:
    return f"has been the same since {wording.moment(since)}" if since else "is of an age nobody knows"


def _action(kept: Kept) -> Action:
    return Action.H1 if kept.mode == LIVE else Action.WARN


def _when(at: datetime | None) -> str:
    return at.isoformat() if at else "never"
