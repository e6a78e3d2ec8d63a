"""Prices the desk marks by: the latest minute of each instrument, and the day's path in few points."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Extract

from trading.choices import Timeframe
from trading.models import Bar, Instrument

_WIDTH, _HEIGHT, _MARGIN = 64, 18, 2
_EVERY = 10


def latest(instrument_ids: Iterable[int]) -> dict[int, Decimal]:
    """Instrument → close of its newest minute; one query, one index look-up per instrument."""
    newest = Bar.objects.filter(instrument=OuterRef("pk"), timeframe=Timeframe.MINUTE).order_by("-start_at")
    found = Instrument.objects.filter(pk__in=list(instrument_ids)).annotate(mark=Subquery(newest.values("close")[:1]))
    return {pk: mark for pk, mark in found.values_list("pk", "mark") if mark is not None}


def sparks(instrument_ids: Iterable[int], since: datetime) -> dict[int, str]:
    """Instrument → points of a line through every tenth minute since then, for a 64 × 18 picture; one query."""
    rows = (
        Bar.objects.filter(instrument__in=list(instrument_ids), timeframe=Timeframe.MINUTE, start_at__gte=since)
        .annotate(minute=Extract("start_at", "minute"))
        .filter(minute__in=range(0, 60, _EVERY))
        .order_by("start_at")
        .values_list("instrument_id", "close")
    )
    closes: dict[int, list[Decimal]] = defaultdict(list)
    for instrument_id, close in rows:
        closes[instrument_id].append(close)
    return {instrument_id: points(found) for instrument_id, found in closes.items()}


def points(values: list[Decimal]) -> str:
    """A polyline through the values from left to right; empty for fewer than two."""
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    span = high - low or Decimal(1)
    step = Decimal(_WIDTH) / (len(values) - 1)
    room = _HEIGHT - 2 * _MARGIN
    return " ".join(f"{step * i:.1f},{_MARGIN + room * (high - v) / span:.1f}" for i, v in enumerate(values))
