"""The values that the controls after a trade judge by, and what they answer. Plain words, counts, aware UTC."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from risk.at_trade.values import Action
from risk.standing import LimitInForce


class FindingCode(StrEnum):
    """What a control after a trade found."""

    COMPARISON_LATE = "COMPARISON_LATE"
    BREAK_AGED = "BREAK_AGED"
    NOT_OURS = "NOT_OURS"
    REPORT_UNSIGNED = "REPORT_UNSIGNED"
    REPORT_MISSING = "REPORT_MISSING"
    PREFLIGHT_OLD = "PREFLIGHT_OLD"
    PREFLIGHT_RED = "PREFLIGHT_RED"
    DRILL_OLD = "DRILL_OLD"
    LIVE_SLIPS_OTHERWISE = "LIVE_SLIPS_OTHERWISE"
    LIVE_FILLS_OTHERWISE = "LIVE_FILLS_OTHERWISE"
    LIVE_EARNS_OTHERWISE = "LIVE_EARNS_OTHERWISE"
    STAGE_ENDS = "STAGE_ENDS"
    STAGE_YOUNG = "STAGE_YOUNG"
    STAGE_CASE_OPEN = "STAGE_CASE_OPEN"
    STAGE_BROKEN = "STAGE_BROKEN"
    STAGE_LOWERED = "STAGE_LOWERED"
    ASSESSMENT_OLD = "ASSESSMENT_OLD"
    STRESS_OLD = "STRESS_OLD"
    STRESS_SHORT = "STRESS_SHORT"
    SECRET_OLD = "SECRET_OLD"  # noqa: S105 - a word about secrets
    RESTORE_OLD = "RESTORE_OLD"


@dataclass(frozen=True, slots=True)
class OpenCase:
    """One open reconciliation case; `ours` is False for what stands in none of our books."""

    subject: str
    symbol: str
    opened_at: datetime
    """Wall clock."""
    ours: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """How one account stands between our books and the broker's. What is not known is None."""

    account: str
    mode: str
    now: datetime
    """Wall clock."""
    session_date: date
    watched_since: datetime | None
    """When the newest worker began: what it could not do before is not late. None where no worker told of itself."""
    compared_at: datetime | None
    """The last comparison that could be made; None before the first."""
    working: int | None
    """Orders working at the broker."""
    cases: tuple[OpenCase, ...] = ()


@dataclass(frozen=True, slots=True)
class Session:
    """A past session of an account: whether passes were made in it, its report written, and signed by a person."""

    session_date: date
    due_at: datetime
    """17:00 New York time of its day, or the next open where that is sooner; the venue's clock."""
    reported: bool
    signed: bool


@dataclass(frozen=True, slots=True)
class Governed:
    """What must have been done by people and by the house before an account may start. Clocks as each field says."""

    mode: str
    now: datetime
    """Wall clock."""
    market_now: datetime | None
    """The venue's clock."""
    last_session: Session | None
    """The newest one in which the account traded; None before the first."""
    drilled_at: datetime | None
    """When the emergency stop was last proved at a broker; wall clock."""
    preflight_at: datetime | None = None
    preflight_passed: bool = False
    start_at: datetime | None = None
    """When trading began or begins, wall clock: the session's open, or now."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding, what it was judged by, and what is to be done. H1 stops entries; a warning stops nothing."""

    code: FindingCode
    control: int
    sentence: str
    seen: str
    limit: LimitInForce
    action: Action
    symbol: str = ""


def in_code(name: str, value: Decimal | int) -> LimitInForce:
    """A figure that stands in the program: no row changes it, so it has version 0."""
    return LimitInForce(name, Decimal(value), 0, "the program")
