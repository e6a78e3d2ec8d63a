"""The courses a run may take, and which of them reaches which point."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from audit.crash_points import POINTS
from tests.crash import acts
from tests.crash.session import Session

type Act = Callable[[Session], None]


@dataclass(frozen=True, slots=True)
class Scenario:
    """Minutes of trading, then an act, then minutes after it."""

    name: str
    act: Act = acts.halt
    before: int = 6
    """Minutes played before the act: entries rest, positions are held."""
    after: int = 2
    settings: dict[str, Any] = field(default_factory=dict)
    """What the session is begun with."""

    def play(self, session: Session) -> None:
        session.minutes(self.before)
        self.act(session)
        session.minutes(self.after)


TRADING = Scenario("trading")
LISTENING = Scenario("listening", settings={"streams": 2})
FLATTENING = Scenario("flattening", act=acts.flatten)
CANCEL_ALL = Scenario("cancel-all", before=1, settings={"dry": True})
REARMING = Scenario("rearming", act=acts.rearm, settings={"rate_limit": 2000})
DIRECT = Scenario("direct halt", act=acts.halt_directly)
STRANGER = Scenario("stranger", act=acts.trade_as_a_stranger, before=0)
CLOSING = Scenario("closing", act=acts.close_the_session, after=0)
LIMITS = Scenario("limits", act=acts.loosen_a_limit)
LIMITED = Scenario("limited", settings={"rate_limit": 2000})

COURSES: dict[str, Scenario] = {
    **dict.fromkeys(POINTS, TRADING),
    **dict.fromkeys(("inbox.kept", "inbox.applied", "inbox.finished", "stream.owned"), LISTENING),
    "halt.cancel_all_sent": CANCEL_ALL,
    **dict.fromkeys(("rearm.canceled", "rearm.sent"), REARMING),
    **dict.fromkeys(("flatten.freed", "flatten.sent"), FLATTENING),
    **dict.fromkeys(("direct.file_written", "direct.stopped", "direct.before_removal"), DIRECT),
    "reconcile.break_written": STRANGER,
    "close.reported": CLOSING,
    **dict.fromkeys(("approval.consumed", "limit.changed"), LIMITS),
    "budget.granted": LIMITED,
}
"""Point -> the course that reaches it."""
