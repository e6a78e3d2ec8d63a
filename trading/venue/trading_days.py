"""The New York sessions of a span of dates, with their early closes, from exchange_calendars."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import exchange_calendars

from trading.venue.values import SessionDay

NEW_YORK = ZoneInfo("America/New_York")
PAST_THE_END = timedelta(days=14)
"""The venue's calendar goes on after the last bar, so that there is always a next session to tell of."""


def midnight(on: date) -> datetime:
    """The New York midnight at which the daily bar of a date begins (UTC)."""
    return datetime.combine(on, time(), NEW_YORK).astimezone(UTC)


@cache
def trading_days(first: date, last: date) -> tuple[SessionDay, ...]:
    """The sessions from ``first`` to two weeks past ``last``."""
    end = last + PAST_THE_END
    calendar = exchange_calendars.get_calendar("XNYS", start=first.isoformat(), end=end.isoformat())
    schedule = calendar.schedule
    return tuple(
        SessionDay(label.date(), opening.to_pydatetime().astimezone(UTC), closing.to_pydatetime().astimezone(UTC))
        for label, opening, closing in zip(schedule.index, schedule["open"], schedule["close"], strict=True)
    )
