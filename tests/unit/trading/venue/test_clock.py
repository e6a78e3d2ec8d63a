"""The virtual clock."""

from datetime import UTC, datetime, timedelta

import pytest

from trading.venue.clock import VirtualClock

START = datetime(2013, 1, 2, 14, 30, tzinfo=UTC)


class Wall:
    """A wall clock that a test moves."""

    def __init__(self) -> None:
        self.at = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def passes(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class TestVirtualClock:
    def test_stands_still_in_lock_step_until_told(self) -> None:
        wall = Wall()
        clock = VirtualClock(START, wall=wall)

        wall.passes(100)
        assert clock.now() == START
        clock.advance(timedelta(minutes=1))

        assert clock.is_lock_step
        assert clock.now() == START + timedelta(minutes=1)

    def test_runs_at_its_speed(self) -> None:
        wall = Wall()
        clock = VirtualClock(START, speed=60, wall=wall)

        wall.passes(2)

        assert clock.now() == START + timedelta(minutes=2)
        assert clock.wall_seconds_until(START + timedelta(minutes=5)) == 3

    def test_loses_no_time_when_paused_or_slowed(self) -> None:
        wall = Wall()
        clock = VirtualClock(START, speed=10, wall=wall)
        wall.passes(1)
        clock.pause()
        wall.passes(1000)
        assert clock.is_paused
        assert clock.wall_seconds_until(START) is None
        clock.resume()
        wall.passes(1)
        clock.set_speed(1)
        wall.passes(1)

        assert clock.now() == START + timedelta(seconds=21)

    def test_jumps_ahead_but_never_back(self) -> None:
        clock = VirtualClock(START)
        clock.jump(START + timedelta(days=1))

        with pytest.raises(ValueError, match="cannot go back"):
            clock.jump(START)

    def test_never_goes_back_with_the_wall(self) -> None:
        wall = Wall()
        clock = VirtualClock(START, speed=1, wall=wall)

        wall.passes(-10)

        assert clock.now() == START

    @pytest.mark.parametrize("speed", [0, -1, float("nan")])
    def test_refuses_a_speed_that_leads_nowhere(self, speed: float) -> None:
        with pytest.raises(ValueError, match="above zero"):
            VirtualClock(START, speed=speed)

    def test_refuses_a_start_without_time_zone(self) -> None:
        with pytest.raises(ValueError, match="time zone"):
            VirtualClock(START.replace(tzinfo=None))
