"""Sessions by instant: which one is on, which comes next, and the hours around them."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta

from trading.venue.values import SessionDay
from trading.venue.words import Phase

PRE_MARKET = timedelta(hours=5, minutes=30)
AFTER_MARKET = timedelta(hours=4)


class SessionCalendar:
    """The sessions a venue knows, in order. All instants are aware UTC; a session is half-open [open, close)."""

    def __init__(self, days: Sequence[SessionDay]) -> None:
        self.days = tuple(sorted(days, key=lambda day: day.open))
        self._opens = [day.open for day in self.days]
        self._closes = [day.close for day in self.days]

    def holding(self, at: datetime) -> SessionDay | None:
        """The session with ``open <= at <= close``: at its close the last bar is still to be told."""
        index = bisect_right(self._opens, at) - 1
        return self.days[index] if index >= 0 and at <= self.days[index].close else None

    def ending_after(self, at: datetime) -> SessionDay | None:
        """The first session whose close lies after ``at``: the one a day order belongs to."""
        index = bisect_right(self._closes, at)
        return self.days[index] if index < len(self.days) else None

    def around(self, at: datetime) -> SessionDay | None:
        """The latest session whose pre-market had begun by ``at``."""
        index = bisect_right(self._opens, at + PRE_MARKET) - 1
        return self.days[index] if index >= 0 else None

    def opening_after(self, at: datetime) -> SessionDay | None:
        index = bisect_right(self._opens, at)
        return self.days[index] if index < len(self.days) else None

    def phase(self, at: datetime) -> Phase:
        """Pre-market begins 5 h 30 min before the open (04:00 New York), after-hours end 4 h after the close."""
        upcoming = self.ending_after(at)
        if upcoming is not None and at >= upcoming.open:
            return Phase.REGULAR
        if upcoming is not None and at >= upcoming.open - PRE_MARKET:
            return Phase.PRE
        index = bisect_right(self._closes, at) - 1
        if index >= 0 and at < self._closes[index] + AFTER_MARKET:
            return Phase.AFTER
        return Phase.CLOSED
