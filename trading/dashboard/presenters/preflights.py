"""Preflight runs: one line per item with its remedy."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from trading.dashboard import words
from trading.models import Account, PreflightRun

_MOST = 20
_TONES = {"pass": "", "passed": "", "ok": "", "fail": "bad", "failed": "bad", "warning": "warn", "warn": "warn"}


def read(account: Account, wall: datetime) -> dict[str, Any]:
    """The newest run in full and those before it in a line; one query."""
    runs = list(PreflightRun.objects.filter(account=account).order_by("-ran_at")[:_MOST])
    return {
        "run": checklist(runs[0], wall) if runs else None,
        "earlier": [_line(run, wall) for run in runs[1:]],
    }


def checklist(run: PreflightRun, wall: datetime) -> dict[str, Any]:
    """One run with every item, those that did not pass first."""
    items = [_item(each) for each in run.items]
    items.sort(key=lambda item: ("bad", "warn", "").index(item["tone"]))
    failed = sum(item["tone"] == "bad" for item in items)
    warned = sum(item["tone"] == "warn" for item in items)
    return {
        **_line(run, wall),
        "items": items,
        "summary": f"{len(items) - failed - warned} passed, {failed} failed, {words.plural(warned, 'warning')}",
        "seconds": f"{run.seconds.normalize():f} s",
        "build": run.build,
        "mode": run.mode,
        "age": words.age((wall - run.ran_at).total_seconds()),
        "iso": run.ran_at.isoformat(),
    }


def _line(run: PreflightRun, wall: datetime) -> dict[str, Any]:
    return {
        "id": run.pk,
        "href": reverse("preflight-run", args=[run.pk]),
        "at": words.moment(run.ran_at, words.exchange_date(wall)),
        "passed": run.passed,
        "tone": "ok" if run.passed else "bad",
        "word": "passed" if run.passed else "did not pass",
        "by": run.by,
    }


def _item(item: dict[str, Any]) -> dict[str, str]:
    result = str(item.get("result", ""))
    tone = _TONES.get(result, "warn")
    return {
        "name": str(item.get("name", "")).replace("_", " "),
        "tone": tone,
        "result": result,
        "detail": str(item.get("detail", "")),
        "remedy": str(item.get("remedy", "")) if tone else "",
        "seconds": str(item.get("seconds", "")),
    }
