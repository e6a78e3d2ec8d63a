"""The endpoints only the venue has: state, clock, and walking in lock-step with its participants."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests

from tests.contract.venue import listening
from tests.venue import DAYS, TOKEN, RunningVenue, account, flat, running_venue
from trading.venue.api import Terms

MINE = {"APCA-API-KEY-ID": "PKTEST", "APCA-API-SECRET-KEY": "secret"}
THEIRS = {"APCA-API-KEY-ID": "PKOTHER", "APCA-API-SECRET-KEY": "other"}
MINUTE = timedelta(minutes=1)
OPEN = DAYS[0].open
HELD = Terms(TOKEN, "bars written by a test", trading_limit=0, data_limit=0, hold=True)
PACED = Terms(TOKEN, "bars written by a test", trading_limit=0, data_limit=0, pace=0.4)


def _state(venue: RunningVenue) -> Any:
    return requests.get(f"{venue.url}/venue/state", headers=venue.control_headers, timeout=5).json()


def _control(venue: RunningVenue, act: str, **body: Any) -> Any:
    return requests.post(f"{venue.url}/venue/{act}", json=body, headers=venue.control_headers, timeout=5).json()


def _own(venue: RunningVenue, act: str, headers: dict[str, str] = MINE, **body: Any) -> Any:
    return requests.post(f"{venue.url}/venue/{act}", json=body, headers=headers, timeout=5).json()


def _minutes(venue: RunningVenue) -> int:
    minutes: int = _state(venue)["minute"]
    return minutes


def _waits_at(venue: RunningVenue, minute: int) -> None:
    listening.until(lambda: _minutes(venue) == minute and _state(venue)["waiting_for"] != [])


@pytest.fixture
def walking() -> Iterator[RunningVenue]:
    """A venue with two accounts and two sessions of three minutes, walking in lock-step."""
    with running_venue(
        flat(3, sessions=2), [account(), account("PKOTHER", "other", number="PA2")], walking=True
    ) as venue:
        yield venue


class TestLockStep:
    def test_waits_for_a_first_participant(self, walking: RunningVenue) -> None:
        state = _state(walking)

        assert (state["stage"], state["minute"]) == ("before_open", 0)
        assert "Nobody takes part" in state["waiting_because"]

    def test_tells_the_next_minute_when_the_last_is_acknowledged(self, walking: RunningVenue) -> None:
        _own(walking, "participate")
        _waits_at(walking, 1)
        asked = _state(walking)["awaiting"]["at"]
        stale = _own(walking, "acknowledge", at=OPEN.isoformat())
        assert _state(walking)["minute"] == 1

        _own(walking, "acknowledge", at=asked)
        _waits_at(walking, 2)

        assert asked == "2026-01-05T14:31:00Z"
        assert stale["awaiting"]["at"] == asked
        assert _state(walking)["now"] == "2026-01-05T14:32:00Z"

    def test_waits_for_every_participant(self, walking: RunningVenue) -> None:
        _own(walking, "participate", THEIRS)
        _own(walking, "participate", MINE)
        _waits_at(walking, 1)
        if _state(walking)["waiting_for"] == ["PA2"]:  # the other joined a minute earlier
            _own(walking, "acknowledge", THEIRS, at=(OPEN + MINUTE).isoformat())
            _waits_at(walking, 2)
        now = _state(walking)["awaiting"]["at"]
        minute = _minutes(walking)

        _own(walking, "acknowledge", MINE, at=now)
        assert (_minutes(walking), _state(walking)["waiting_for"]) == (minute, ["PA2"])
        _own(walking, "acknowledge", THEIRS, at=now)
        _waits_at(walking, minute + 1)

    def test_goes_on_without_an_account_that_leaves(self, walking: RunningVenue) -> None:
        _own(walking, "participate")
        _waits_at(walking, 1)

        _own(walking, "leave")
        _own(walking, "participate")
        listening.until(lambda: _minutes(walking) == 2)

    def test_stands_after_the_close_until_the_day_is_worked_off(self, walking: RunningVenue) -> None:
        _own(walking, "participate")
        for minute in (1, 2, 3):
            _waits_at(walking, minute)
            _own(walking, "acknowledge", at=(OPEN + minute * MINUTE).isoformat())
        listening.until(lambda: _state(walking)["stage"] == "after_close")
        closed = _state(walking)

        _own(walking, "acknowledge", session="2026-01-05")
        listening.until(lambda: _state(walking)["session"]["index"] == 2 and _minutes(walking) == 1)

        assert closed["waiting_for"] == ["PA0000001"]
        assert closed["awaiting"]["session"] == "2026-01-05"
        assert closed["now"] == "2026-01-05T21:00:00Z"
        assert _state(walking)["session"] == {"date": "2026-01-06", "index": 2, "total": 2}

    def test_is_done_when_the_last_close_is_worked_off(self, walking: RunningVenue) -> None:
        _own(walking, "participate")
        _control(walking, "jump", to=DAYS[1].close.isoformat())
        listening.until(lambda: _state(walking)["stage"] == "after_close" and _state(walking)["session"]["index"] == 2)
        before = _state(walking)["done"]

        _own(walking, "acknowledge", at=DAYS[1].close.isoformat(), session="2026-01-06")
        listening.until(lambda: bool(_state(walking)["done"]))

        assert before is False


class TestPace:
    def test_leaves_people_time_between_two_minutes(self) -> None:
        with running_venue(flat(3), walking=True, terms=PACED) as venue:
            _own(venue, "participate")
            _waits_at(venue, 1)
            began = time.monotonic()

            for minute in (1, 2):
                _own(venue, "acknowledge", at=(OPEN + minute * MINUTE).isoformat())
                _waits_at(venue, minute + 1)

            # A bound from below alone: how much longer it takes is the machine's affair.
            assert time.monotonic() - began >= 2 * PACED.pace * 0.9


class TestSpeed:
    def test_walks_by_the_clock_without_anybody(self) -> None:
        with running_venue(flat(3), walking=True, speed=100_000) as venue:
            listening.until(lambda: bool(_state(venue)["done"]))
            state = _state(venue)

        assert (state["session"]["index"], state["lock_step"]) == (1, False)

    def test_never_runs_past_a_minute_that_was_not_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        told: list[str] = []
        with running_venue(flat(3), walking=True, speed=1_000_000, terms=HELD) as venue:
            clock = venue.venue.clock
            monkeypatch.setattr(
                venue.venue.market_data, "publish", lambda channel, messages: told.append(clock.now().isoformat())
            )
            _control(venue, "start")
            listening.until(lambda: bool(_state(venue)["done"]))

        assert sorted(set(told)) == [(OPEN + minute * MINUTE).isoformat() for minute in (1, 2, 3)]

    def test_can_be_paused_and_changed(self) -> None:
        with running_venue(flat(3), walking=True, speed=0.001) as venue:
            paused = _control(venue, "pause")
            stands = _state(venue)["now"]
            assert (paused["paused"], stands) == (True, _state(venue)["now"])

            _control(venue, "speed", speed=100_000)
            _control(venue, "resume")
            listening.until(lambda: bool(_state(venue)["done"]))

    def test_refuses_a_speed_that_is_none(self, venue: RunningVenue) -> None:
        for speed in (0, -1, "fast"):
            assert _control(venue, "speed", speed=speed)["code"] == 40010001


class TestHold:
    def test_begins_when_released(self) -> None:
        with running_venue(flat(3), walking=True, speed=100_000, terms=HELD) as venue:
            held = _state(venue)
            _control(venue, "start")
            listening.until(lambda: bool(_state(venue)["done"]))

        assert (held["held"], held["stage"], held["minute"]) == (True, "held", 0)


class TestGuard:
    def test_refuses_control_without_the_token_and_acknowledgement_without_keys(self, venue: RunningVenue) -> None:
        for headers in ({}, {"X-Venue-Token": "wrong"}, MINE):
            assert requests.get(f"{venue.url}/venue/state", headers=headers, timeout=5).status_code == 401
        for headers in ({}, venue.control_headers):
            answer = requests.post(f"{venue.url}/venue/acknowledge", json={}, headers=headers, timeout=5)
            assert answer.status_code == 401

    def test_says_what_it_replays(self, venue: RunningVenue) -> None:
        assert _state(venue)["description"] == "bars written by a test"

    def test_refuses_an_acknowledgement_of_nothing(self, venue: RunningVenue) -> None:
        assert _own(venue, "acknowledge")["message"] == "at or session is required"
        assert _own(venue, "acknowledge", at=5)["message"] == "invalid at"
