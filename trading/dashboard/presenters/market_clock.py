"""What time it is for the desk: the venue's clock where the venue is simulated, the wall clock everywhere else."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings

from trading import sessions
from trading.dashboard import words
from trading.models import Account, EquityMark


@dataclass(frozen=True, slots=True)
class DeskTime:
    """`wall` for machine ages, `market` for everything of the market; `session_date` is the day the books stand in."""

    wall: datetime
    market: datetime
    session_date: date
    session: sessions.Session | None

    @property
    def simulated(self) -> bool:
        return bool(settings.VENUE_CONTROL_URL)


def read(account: Account | None, wall: datetime) -> DeskTime:
    """The desk's time for an account; a simulated clock is as late as the newest mark. Two queries at most."""
    market = wall
    if settings.VENUE_CONTROL_URL and account is not None:
        market = _newest(account) or wall
    session = _session(market)
    return DeskTime(wall, market, session.date if session else sessions.date_of(market), session)


def shown(time: DeskTime) -> dict[str, Any]:
    """The clock of the top bar."""
    return {
        "time": words.clock(time.market),
        "iso": time.market.isoformat(),
        "runs": not time.simulated,
        "phase": _phase(time),
    }


def _newest(account: Account) -> datetime | None:
    """The account's newest mark; where it rests and has none, that of any account at the same venue."""
    marks = EquityMark.objects.order_by("-at").values_list("at", flat=True)
    return marks.filter(account=account).first() or marks.first()


def _session(market: datetime) -> sessions.Session | None:
    """The session under way, else the latest one that has opened, so that an evening shows the day that was."""
    today = sessions.session_on(sessions.date_of(market))
    if today is not None and today.open_at <= market:
        return today
    return sessions.previous(sessions.date_of(market))


def _phase(time: DeskTime) -> str:
    session = time.session
    if session is not None and session.is_open(time.market):
        return f"open, closes in {_span(session.close_at - time.market)}"
    return f"closed, opens in {_span(sessions.next_open(time.market) - time.market)}"


def _span(span: timedelta) -> str:
    return words.age(span.total_seconds())
