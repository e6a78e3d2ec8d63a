"""The controls after a trade and over the house: pure judges over frozen values, each with a coded result."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from risk import blindness
from risk.blindness import Blind
from risk.post_trade import comparing, comparing_live, governing, ramping, upkeep
from risk.post_trade.values import Compared, Finding, FindingCode
from risk.standing import Limits

_F = FindingCode


@dataclass(frozen=True, slots=True)
class Control:
    """One row of the table: its number, what judges, what it may say, which limits it reads, whom it answers."""

    number: int
    name: str
    judge: Callable[[Any, Limits], tuple[Finding, ...]]
    codes: tuple[FindingCode, ...]
    limits: tuple[str, ...]
    demand: str
    does: str


_BEFORE_START = "after {}: preflight red for a live account, a warning for a paper one"
_TOGETHER = "15c3-5(c)(1)(i); RTS 6 Art. 17; FIA drop copy"

COMPARING: tuple[Control, ...] = (
    Control(
        41, "Books compared often enough", comparing.lateness, (_F.COMPARISON_LATE,),
        ("compare_working_seconds", "compare_idle_seconds"), _TOGETHER, "a breach after three missed in a row",
    ),
    Control(
        43, "Age of an open case", comparing.ageing, (_F.BREAK_AGED,), ("break_age_seconds",), _TOGETHER,
        "the symbol is blocked at once; then H1 for the account",
    ),
    Control(
        44, "Order or position that is not ours", comparing.strangers, (_F.NOT_OURS,), (), _TOGETHER,
        "critical event and H1 for the account",
    ),
)  # fmt: skip
"""Watched every few seconds."""

GOVERNING: tuple[Control, ...] = (
    Control(
        42, "Day compared three ways and signed for", governing.signature, (_F.REPORT_UNSIGNED, _F.REPORT_MISSING),
        (), "RTS 6 Art. 17; AIMA reconciliation",
        "from 17:00 ET of its day or the next open: preflight red for a live account, a warning for a paper one",
    ),
    Control(
        47, "Preflight fresh at the start", governing.preflight, (_F.PREFLIGHT_OLD, _F.PREFLIGHT_RED), (),
        "RTS 6 Art. 8", "a live account sends no entry; going live makes its own, now",
    ),
    Control(
        50, "Emergency stop exercised lately", governing.drill, (_F.DRILL_OLD,), (), "RTS 6 Art. 12, 14",
        "after 7 days (paper) or 31 (live): preflight red for a live account, a warning for a paper one",
    ),
    Control(
        51, "Self-assessment of the year", upkeep.assessment, (_F.ASSESSMENT_OLD,), (),
        "15c3-5(e); RTS 6 Art. 9", _BEFORE_START.format("12 months"),
    ),
    Control(
        51, "Twice the highest load carried", upkeep.stress, (_F.STRESS_OLD, _F.STRESS_SHORT), (),
        "RTS 6 Art. 10", _BEFORE_START.format("12 months, or when the load has grown past half of what was carried"),
    ),
    Control(
        52, "Age of the secrets", upkeep.secrets, (_F.SECRET_OLD,), (), "RTS 6 Art. 18",
        _BEFORE_START.format("90 days"),
    ),
    Control(
        52, "Age of the last restored backup", upkeep.restore, (_F.RESTORE_OLD,), (), "RTS 6 Art. 14",
        _BEFORE_START.format("30 days"),
    ),
)  # fmt: skip
"""Asked before a start."""

RAMPING: tuple[Control, ...] = (
    Control(
        48, "Stage of the live ramp: up", ramping.rise,
        (_F.STAGE_ENDS, _F.STAGE_YOUNG, _F.STAGE_CASE_OPEN, _F.STAGE_BROKEN), (), "RTS 6 Art. 5, 8",
        "the account stays at its stage; without any of them two people may let it rise by one",
    ),
    Control(
        48, "Stage of the live ramp: down", ramping.fall, (_F.STAGE_LOWERED,), (), "RTS 6 Art. 8",
        "at once, by one stage; on paper (S0) after a drawdown. Every broken limit of the account counts",
    ),
)  # fmt: skip
"""Of the stage of a live account."""

COMPARING_LIVE: tuple[Control, ...] = (
    Control(
        46, "Live against paper", comparing_live.week,
        (_F.LIVE_SLIPS_OTHERWISE, _F.LIVE_FILLS_OTHERWISE, _F.LIVE_EARNS_OTHERWISE), (),
        "RTS 6 Art. 7, 17; FINRA 15-09",
        "after each week's last session: a breach that a person closes, beyond two standard deviations",
    ),
)  # fmt: skip
"""After the last session of a week."""

CONTROLS = (*COMPARING, *GOVERNING, *RAMPING, *COMPARING_LIVE)


def judge(compared: Compared, limits: Limits) -> tuple[tuple[Finding, ...], tuple[Blind, ...]]:
    """Run what is watched once: every finding, and every control that could not see."""
    return blindness.ask_all(COMPARING, compared, limits, called="Control")
