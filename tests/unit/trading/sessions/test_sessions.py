"""Sessions: early closes, holidays and daylight saving as they were, the trading window, and the broker's own rows."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from trading import sessions
from trading.sessions import Difference, OutsideCalendar, Session


@dataclass(frozen=True)
class Row:
    date: date
    open_at: datetime
    close_at: datetime


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def on(text: str) -> Session:
    session = sessions.session_on(date.fromisoformat(text))
    assert session is not None
    return session


class TestSessionOn:
    @pytest.mark.parametrize(
        ("day", "opened", "closed", "early"),
        [
            ("2010-01-04", "14:30", "21:00", False),
            ("2012-07-03", "13:30", "17:00", True),
            ("2012-11-23", "14:30", "18:00", True),
            ("2012-12-24", "14:30", "18:00", True),
            ("2013-03-08", "14:30", "21:00", False),
            ("2013-03-11", "13:30", "20:00", False),
            ("2013-11-29", "14:30", "18:00", True),
            ("2026-11-27", "14:30", "18:00", True),
        ],
    )
    def test_knows_hours_and_early_closes_in_utc(self, day: str, opened: str, closed: str, early: bool) -> None:
        assert on(day) == Session(date.fromisoformat(day), at(f"{day}T{opened}"), at(f"{day}T{closed}"), early)

    @pytest.mark.parametrize(
        "day",
        ["2012-10-29", "2012-10-30", "2012-12-25", "2013-01-01", "2013-01-05", "2018-12-05", "2025-01-09"],
        ids=["sandy", "sandy again", "christmas", "new year", "saturday", "bush", "carter"],
    )
    def test_is_none_on_a_day_without_one(self, day: str) -> None:
        assert sessions.session_on(date.fromisoformat(day)) is None

    @pytest.mark.parametrize("year", [1989, 2060])
    def test_refuses_a_date_the_calendar_does_not_reach(self, year: int) -> None:
        with pytest.raises(OutsideCalendar, match="1990 to 2059"):
            sessions.session_on(date(year, 6, 1))

    def test_has_as_many_sessions_as_the_exchange_held(self) -> None:
        assert len(sessions.between(date(2012, 1, 1), date(2012, 12, 31))) == 250
        assert len(sessions.between(date(2013, 1, 1), date(2013, 12, 31))) == 252


class TestSessionAt:
    @pytest.mark.parametrize(
        ("now", "is_open"),
        [
            ("2013-01-02T14:29:59", False),
            ("2013-01-02T14:30:00", True),
            ("2013-01-02T20:59:59", True),
            ("2013-01-02T21:00:00", False),
            ("2012-07-03T17:00:00", False),
            ("2013-01-05T16:00:00", False),
        ],
    )
    def test_is_open_from_the_open_until_before_the_close(self, now: str, is_open: bool) -> None:
        assert (sessions.session_at(at(now)) is not None) == is_open

    def test_refuses_an_instant_without_a_zone(self) -> None:
        with pytest.raises(ValueError, match="aware"):
            sessions.session_at(datetime(2013, 1, 2, 16))  # noqa: DTZ001


class TestMayTrade:
    @pytest.mark.parametrize(
        ("now", "may"),
        [
            ("2013-01-02T14:34:59", False),
            ("2013-01-02T14:35:00", True),
            ("2013-01-02T20:49:59", True),
            ("2013-01-02T20:50:00", False),
            ("2012-07-03T16:49:59", True),
            ("2012-07-03T16:50:00", False),
            ("2013-01-05T16:00:00", False),
        ],
    )
    def test_keeps_away_from_the_open_and_the_close(self, now: str, may: bool) -> None:
        assert sessions.may_trade(at(now)) is may


class TestDateOf:
    def test_rolls_over_at_midnight_in_new_york(self) -> None:
        assert sessions.date_of(at("2013-01-03T04:59:59")) == date(2013, 1, 2)
        assert sessions.date_of(at("2013-01-03T05:00:00")) == date(2013, 1, 3)
        assert sessions.date_of(at("2013-07-03T04:00:00")) == date(2013, 7, 3)


class TestUpcoming:
    @pytest.mark.parametrize(
        ("now", "opens"),
        [
            ("2013-01-02T14:29:59", "2013-01-02T14:30"),
            ("2013-01-02T14:30:00", "2013-01-03T14:30"),
            ("2012-10-26T21:00:00", "2012-10-31T13:30"),
            ("2009-12-31T21:00:00", "2010-01-04T14:30"),
        ],
    )
    def test_is_the_first_open_after_now(self, now: str, opens: str) -> None:
        assert sessions.next_open(at(now)) == at(opens)


class TestPrevious:
    def test_steps_over_holidays_and_decades(self) -> None:
        assert sessions.previous(date(2012, 10, 31)).date == date(2012, 10, 26)
        assert sessions.previous(date(2010, 1, 4)).date == date(2009, 12, 31)
        assert sessions.previous(date(2013, 1, 3)).date == date(2013, 1, 2)


class TestLastClosed:
    @pytest.mark.parametrize(
        ("now", "day"),
        [
            ("2013-01-02T20:59:59", "2012-12-31"),
            ("2013-01-02T21:00:00", "2013-01-02"),
            ("2012-07-03T17:00:00", "2012-07-03"),
            ("2012-10-30T15:00:00", "2012-10-26"),
        ],
    )
    def test_is_the_session_that_closed_at_or_before_now(self, now: str, day: str) -> None:
        assert sessions.last_closed(at(now)).date.isoformat() == day


class TestDifferences:
    FIRST, LAST = date(2012, 7, 2), date(2012, 7, 6)

    @pytest.fixture
    def rows(self) -> list[Row]:
        found = sessions.between(self.FIRST, self.LAST)
        return [Row(s.date, s.open_at, s.close_at) for s in found]

    def test_are_none_when_both_calendars_agree(self, rows: list[Row]) -> None:
        elsewhere = [
            replace(row, open_at=row.open_at.astimezone(ZoneInfo("Asia/Tokyo")), close_at=row.close_at) for row in rows
        ]

        assert sessions.differences(elsewhere, self.FIRST, self.LAST) == ()

    def test_name_an_early_close_the_broker_does_not_know(self, rows: list[Row]) -> None:
        rows[1] = replace(rows[1], close_at=rows[1].close_at + timedelta(hours=3))

        (difference,) = sessions.differences(rows, self.FIRST, self.LAST)

        assert difference == Difference(date(2012, 7, 3), "09:30:00 to 13:00:00", "09:30:00 to 16:00:00")
        assert difference.sentence == (
            "2012-07-03: we expect 09:30:00 to 13:00:00, the broker says 09:30:00 to 16:00:00."
        )

    def test_name_a_session_that_one_side_lacks(self, rows: list[Row]) -> None:
        holiday = Row(date(2012, 7, 4), at("2012-07-04T13:30"), at("2012-07-04T20:00"))

        found = sessions.differences([*rows[:-1], holiday], self.FIRST, self.LAST)

        assert [d.sentence for d in found] == [
            "2012-07-04: we expect no session, the broker says 09:30:00 to 16:00:00.",
            "2012-07-06: we expect 09:30:00 to 16:00:00, the broker says no session.",
        ]
