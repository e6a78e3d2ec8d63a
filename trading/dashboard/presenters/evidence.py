"""How far paper trading has come as evidence: one mark per closed session, green where books equalled the broker's."""

from typing import Any

from trading.choices import Mode
from trading.models import Account, DailyReport

NEEDED = 30
_STEP = 8


def strip(account: Account | None) -> dict[str, Any] | None:
    """The evidence strip of the mode banner; None for a live account, which is past it."""
    if account is None or account.mode != Mode.PAPER:
        return None
    newest = DailyReport.objects.filter(account=account).order_by("-session_date")
    equal = list(newest.values_list("books_equal_broker", flat=True)[:NEEDED])[::-1]
    if not equal:
        return None
    days = [{"x": index * _STEP, "tone": _tone(equal, index)} for index in range(NEEDED)]
    clean = sum(equal)
    return {
        "sentence": f"evidence session {len(equal)} of {NEEDED}",
        "title": f"{clean} of {len(equal)} closed sessions ended with books equal to the broker's",
        "days": days,
    }


def _tone(equal: list[bool], index: int) -> str:
    if index >= len(equal):
        return ""
    return "g" if equal[index] else "r"
