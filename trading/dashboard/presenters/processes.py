"""Health of the machinery, by work done: one line per kind of process, with the age of its latest sign of life."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from trading.dashboard import words
from trading.models import ProcessHeartbeat

LATE = timedelta(seconds=15)
SILENT = timedelta(seconds=60)
FORGOTTEN = timedelta(hours=12)
"""An instance silent for longer is of a start long past and not shown."""

ORDER = ("web", "worker", "beat", "stream", "watchdog", "sealer", "venue")


def health(now: datetime) -> list[dict[str, Any]]:
    """One entry per kind; where several instances run the freshest speaks and the count is shown."""
    kinds: dict[str, list[ProcessHeartbeat]] = defaultdict(list)
    for beat in ProcessHeartbeat.objects.filter(beat_at__gt=now - FORGOTTEN).order_by("-beat_at"):
        kinds[beat.process].append(beat)
    return [_line(kind, kinds[kind], now) for kind in sorted(kinds, key=_rank)]


def venue_note() -> str:
    """What the simulated venue says of its data, for instance "real bars of 2012-05-09, minutes drawn by seed 7"."""
    note = ProcessHeartbeat.objects.filter(process="venue").order_by("-beat_at").values_list("note", flat=True).first()
    return note or ""


def _rank(kind: str) -> tuple[int, str]:
    return (ORDER.index(kind) if kind in ORDER else len(ORDER), kind)


def _line(kind: str, beats: list[ProcessHeartbeat], now: datetime) -> dict[str, Any]:
    alive = [beat for beat in beats if now - beat.beat_at <= SILENT]
    newest = beats[0]
    quiet = now - newest.beat_at
    tone = "" if quiet <= LATE else "warn" if quiet <= SILENT else "bad"
    worked = f"last work {words.clock(newest.worked_at)} ET" if newest.worked_at else "no work yet"
    return {
        "name": f"{kind} ×{len(alive)}" if len(alive) > 1 else kind,
        "tone": tone,
        "age": words.age(quiet.total_seconds()),
        "iso": newest.beat_at.isoformat(),
        "title": f"{newest.instance} · build {newest.build} · {worked}" + (f" · {newest.note}" if newest.note else ""),
        "silent": quiet > SILENT,
    }
