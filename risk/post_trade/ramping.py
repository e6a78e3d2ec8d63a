"""Control 48: what a live account has to show before it rises by one stage, and what puts it lower. Pure."""

from dataclasses import dataclass
from datetime import date

from risk import stages, wording
from risk.at_trade.values import Action
from risk.exposure import DenialCode
from risk.post_trade.values import Finding, FindingCode, in_code
from risk.stages import Stage
from risk.standing import Limits, Unjudgeable

SESSIONS = 10
"""Sessions in a row without a fault that a stage takes."""


@dataclass(frozen=True, slots=True)
class StageSession:
    """One closed session that an account traded wholly at its stage."""

    session_date: date
    criticals: int
    """Critical events that the program told of the account."""
    loss_trips: int
    """Times a loss of the day stopped it."""
    equal_books: bool | None
    """Whether the books were the broker's at the close, without an open case; None where no report was written."""


@dataclass(frozen=True, slots=True)
class Ramped:
    """What is known of a live account at its stage. What nobody could read is None."""

    account: str
    stage: str
    version: int
    """Moves of the account so far."""
    sessions: tuple[StageSession, ...] | None
    """Newest first."""
    open_cases: int | None
    breaches: tuple[str, ...] | None
    """Codes of the limits that were broken since its last move, settled or not."""


@dataclass(frozen=True, slots=True)
class Term:
    """One thing asked of an account that wants to rise, whether it is met, and how it stands."""

    code: FindingCode
    name: str
    met: bool
    sentence: str
    seen: str


def terms(ramped: Ramped) -> tuple[Term, ...]:
    """All that is asked of an account for the next stage. Raises Unjudgeable where something is not known."""
    sessions, cases, broken = ramped.sessions, ramped.open_cases, ramped.breaches
    if sessions is None or cases is None or broken is None:
        raise Unjudgeable(DenialCode.INPUT_MISSING, "Not known: how the account did at its stage.")
    stage, run = Stage(ramped.stage), clean_run(sessions)
    further = stage is not Stage.PAPER and stages.above(stage) is not None
    ends = {Stage.PAPER: "It stands on paper; going live lets it into S1", Stage.FULL: "S4 is the last stage"}
    return (
        Term(FindingCode.STAGE_ENDS, "A next stage", further, ends.get(stage, f"after {stage} comes"
             f" {stages.above(stage)}"), stage),
        Term(FindingCode.STAGE_YOUNG, f"{SESSIONS} sessions without a fault", run >= SESSIONS, _told(sessions, run),
             str(run)),
        Term(FindingCode.STAGE_CASE_OPEN, "No open difference", cases == 0,
             f"{cases} reconciliation cases are open" if cases else "no reconciliation case is open", str(cases)),
        Term(FindingCode.STAGE_BROKEN, "No limit broken", not broken,
             f"broken since its last move: {', '.join(sorted(set(broken)))}" if broken
             else "no limit was broken at this stage", str(len(broken))),
    )  # fmt: skip


def rise(ramped: Ramped, limits: Limits) -> tuple[Finding, ...]:
    """Every reason why an account cannot rise now; empty when two people may let it."""
    return tuple(
        Finding(term.code, 48, f"{term.name}: {term.sentence}.", term.seen, in_code("stage_sessions", SESSIONS),
                Action.WARN)
        for term in terms(ramped)
        if not term.met
    )  # fmt: skip


def fall(ramped: Ramped, limits: Limits) -> tuple[Finding, ...]:
    """Put an account lower at once when a limit was broken since its last move; on paper after a drawdown."""
    if ramped.breaches is None:
        raise Unjudgeable(DenialCode.INPUT_MISSING, "Not known: which limits the account broke at its stage.")
    to = stages.after(ramped.stage, ramped.breaches)
    if to == ramped.stage:
        return ()
    codes = ", ".join(sorted(set(ramped.breaches)))
    sentence = f"Broken at stage {ramped.stage}: {codes}; the account goes down to {to}."
    return (Finding(FindingCode.STAGE_LOWERED, 48, sentence, to, in_code("stage_breaches", 0), Action.H1),)


def clean_run(sessions: tuple[StageSession, ...]) -> int:
    """How many of the newest sessions in a row had no fault."""
    for index, each in enumerate(sessions):
        if fault_of(each):
            return index
    return len(sessions)


def fault_of(session: StageSession) -> str:
    """What was wrong with a session, in words; empty for one without a fault."""
    faults = (
        (session.criticals > 0, f"{wording.counted(session.criticals, 'critical event')}"),
        (session.loss_trips > 0, "the day's loss stopped it"),
        (session.equal_books is None, "no report was written"),
        (session.equal_books is False, "books differed at the close"),
    )
    return ", ".join(said for wrong, said in faults if wrong)


def _told(sessions: tuple[StageSession, ...], run: int) -> str:
    said = f"{run} of {SESSIONS} so far"
    if run >= min(len(sessions), SESSIONS):
        return said
    return f"{said}; {sessions[run].session_date}: {fault_of(sessions[run])}"
