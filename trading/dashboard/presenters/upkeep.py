"""The upkeep page: what people do for the house on time, when each was last done, and what is due."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from risk.attesting import Kind
from risk.models import Attestation
from risk.post_trade import upkeep
from risk.post_trade.upkeep import Kept
from risk.post_trade.values import Finding
from risk.standing import Limits, Unjudgeable
from trading.dashboard import words
from trading.models import Account
from trading.upkeep import assessing, due

_SHOWN = 20


def read(account: Account, wall: datetime) -> dict[str, Any]:
    """Everything the page shows; the register is long and comes last."""
    strict, at_venue = due.kept(account.mode, now=wall), due.kept(due.keeping_mode(account), now=wall)
    return {
        "duties": [
            _duty("Self-assessment", "every 12 months", upkeep.assessment, strict, strict.assessed_at),
            _duty("Stress run", "every 12 months, twice the highest load", upkeep.stress, strict, strict.stressed_at),
            _duty("Secrets", "renewed every 90 days", upkeep.secrets, at_venue, _oldest(at_venue)),
            _duty("Backup", "restored and checked every 30 days", upkeep.restore, at_venue, at_venue.restored_at),
        ],
        "secrets": [
            {
                "name": each.name,
                "age": _days(each.since, wall) if each.since else "not seen yet",
                "since": f"{each.since:%Y-%m-%d}" if each.since else "",
            }
            for each in at_venue.secrets or ()
        ],
        "peak": strict.peak,
        "carried": strict.stress_carried,
        "register": [asdict(each) for each in assessing.register()],
        "digest": assessing.digest(),
        "shortest": assessing.SHORTEST,
        "notes": [_note(each, wall) for each in _latest()],
    }


def _duty(
    name: str,
    terms: str,
    judge: Callable[[Kept, Limits], tuple[Finding, ...]],
    kept: Kept,
    last: datetime | None,
) -> dict[str, Any]:
    try:
        found, unknown = judge(kept, Limits()), ""
    except Unjudgeable as blind:
        found, unknown = (), blind.sentence
    blocks = kept.mode == upkeep.LIVE
    return {
        "name": name,
        "terms": terms,
        "age": _days(last, kept.now),
        "tone": ("bad" if blocks else "warn") if found or unknown else "ok",
        "word": ("blocks going live" if blocks else "due") if found or unknown else "done",
        "sentence": unknown or _told(found),
    }


def _told(found: tuple[Finding, ...]) -> str:
    if len(found) < 2:
        return "".join(each.sentence for each in found)
    return f"{found[0].sentence} So are {words.plural(len(found) - 1, 'other')}."


def _oldest(kept: Kept) -> datetime | None:
    known = [each.since for each in kept.secrets or () if each.since is not None]
    return min(known) if kept.secrets and len(known) == len(kept.secrets) else None


def _days(at: datetime | None, now: datetime) -> str:
    days = upkeep.age_in_days(at, now)
    if days is None:
        return "never"
    return "today" if days == 0 else f"{words.plural(int(days), 'day')} ago"


def _latest() -> list[Attestation]:
    return list(Attestation.objects.exclude(kind=Kind.SECRET).order_by("-recorded_at", "-pk")[:_SHOWN])


def _note(each: Attestation, wall: datetime) -> dict[str, Any]:
    return {
        "kind": each.get_kind_display(),
        "tone": "ok" if each.passed else "bad",
        "word": "passed" if each.passed else "failed",
        "at": words.moment(each.done_at, words.exchange_date(wall)),
        "by": each.by,
        "sentence": each.sentence,
        "digest": each.digest[:16],
    }
