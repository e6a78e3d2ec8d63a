"""The venue's virtual clock: it stands still, runs with the wall at a speed, or moves only when told."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def _wall() -> datetime:
    return datetime.now(UTC)


class VirtualClock:
    """A clock for simulated days.

    With ``speed`` None it is in lock-step: time moves only by :meth:`jump` and :meth:`advance`. Otherwise it runs
    ``speed`` virtual seconds in each second of ``wall``. It never goes back.
    """

    def __init__(self, start: datetime, *, speed: float | None = None, wall: Callable[[], datetime] = _wall) -> None:
        """``start`` is aware UTC. Raises ``ValueError`` for a naive start or a speed that is not above zero."""
        if start.tzinfo is None:
            raise ValueError("The clock needs a start with a time zone; give an aware UTC instant.")
        self._wall = wall
        self._base = start
        self._base_wall = wall()
        self._speed: float | None = None
        self._paused = False
        self._ceiling: datetime | None = None
        self.set_speed(speed)

    @property
    def speed(self) -> float | None:
        """Virtual seconds per wall second; None in lock-step."""
        return self._speed

    @property
    def is_paused(self) -> bool:
        return self._paused

    @property
    def is_lock_step(self) -> bool:
        return self._speed is None

    def now(self) -> datetime:
        if self._paused or self._speed is None:
            return self._base
        passed = max(self._wall() - self._base_wall, timedelta(0))
        reached = self._base + passed * self._speed
        return reached if self._ceiling is None else max(min(reached, self._ceiling), self._base)

    def never_past(self, instant: datetime | None) -> None:
        """Let a running clock stand once it reaches ``instant``; None lets it run on."""
        self._rebase()
        self._ceiling = instant

    def set_speed(self, speed: float | None) -> None:
        """Go on from the present instant at another speed; None for lock-step."""
        if speed is not None and not speed > 0:
            raise ValueError(f"A clock cannot run at speed {speed}; give a number above zero, or none for lock-step.")
        self._rebase()
        self._speed = speed

    def pause(self) -> None:
        self._rebase()
        self._paused = True

    def resume(self) -> None:
        self._rebase()
        self._paused = False

    def jump(self, to: datetime) -> None:
        """Move to a later instant at once. Raises ``ValueError`` for an earlier one."""
        self._rebase()
        if to < self._base:
            raise ValueError(f"The clock stands at {self._base.isoformat()} and cannot go back to {to.isoformat()}.")
        self._base = to

    def advance(self, by: timedelta) -> None:
        self.jump(self.now() + by)

    def wall_seconds_until(self, instant: datetime) -> float | None:
        """How long a running clock takes to reach ``instant``; None while it is paused or in lock-step."""
        if self._paused or self._speed is None:
            return None
        return max((instant - self.now()).total_seconds() / self._speed, 0.0)

    def _rebase(self) -> None:
        self._base = self.now()
        self._base_wall = self._wall()
