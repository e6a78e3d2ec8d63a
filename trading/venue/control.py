"""`/venue/...`: what only this venue has – its state, its clock, and the acknowledgements of lock-step.

The state and the clock are guarded by the header X-Venue-Token; acknowledgements carry the account's own keys.
"""

import hmac
from collections.abc import Awaitable, Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from trading.venue import auth, parsing, query, values
from trading.venue.clock import VirtualClock
from trading.venue.conductor import Conductor, Stage
from trading.venue.rendering import instant, optional_instant

type Door = Callable[[Request], Awaitable[Response]]


class Control:
    """The control rooms of one venue."""

    def __init__(
        self, conductor: Conductor, clock: VirtualClock, keys: auth.KeyRing, token: str, description: str
    ) -> None:
        self._conductor = conductor
        self._clock = clock
        self._keys = keys
        self._token = token
        self._description = description

    def routes(self) -> list[Route]:
        """Return this room's routes."""
        doors = {
            "start": self.start,
            "pause": self.pause,
            "resume": self.resume,
            "speed": self.speed,
            "jump": self.jump,
            "step": self.step,
        }
        own = {"participate": self.participate, "leave": self.leave, "acknowledge": self.acknowledge}
        return [
            Route("/venue/state", guarded(self._token, self.state), methods=["GET"]),
            *(Route(f"/venue/{name}", guarded(self._token, door), methods=["POST"]) for name, door in doors.items()),
            *(Route(f"/venue/{name}", door, methods=["POST"]) for name, door in own.items()),
        ]

    async def state(self, request: Request) -> Response:
        """Answer where the venue stands and whom it waits for."""
        return JSONResponse(self._state())

    async def start(self, request: Request) -> Response:
        """Release the hold."""
        self._conductor.start()
        return JSONResponse(self._state())

    async def pause(self, request: Request) -> Response:
        """Stop the clock."""
        self._conductor.pause()
        return JSONResponse(self._state())

    async def resume(self, request: Request) -> Response:
        """Let the clock go on."""
        self._conductor.resume()
        return JSONResponse(self._state())

    async def speed(self, request: Request) -> Response:
        """Change the pace: `{"speed": 60}` in virtual seconds per second, `{"speed": null}` for lock-step."""
        fields = parsing.body(await request.body())
        wanted = fields.get("speed")
        if wanted is not None and not (isinstance(wanted, Decimal) and 0 < wanted <= 1_000_000):
            raise values.Refusal(422, parsing.INVALID, "speed must be a number above zero, or null for lock-step")
        self._conductor.set_speed(None if wanted is None else float(wanted))
        return JSONResponse(self._state())

    async def jump(self, request: Request) -> Response:
        """Play everything up to `{"to": instant}` without waiting for anybody."""
        to = _instant(parsing.body(await request.body()), "to")
        if to is None:
            raise values.Refusal(422, parsing.INVALID, "to is required: the instant to play up to")
        self._conductor.rush(to)
        return JSONResponse(self._state())

    async def step(self, request: Request) -> Response:
        """Play the next step at once, whoever is behind."""
        await self._conductor.step()
        self._conductor.wake()
        return JSONResponse(self._state())

    async def participate(self, request: Request) -> Response:
        """Count the account of these keys in; from the next minute on the venue waits for it."""
        self._conductor.participants.join(self._account(request))
        self._conductor.wake()
        return JSONResponse(self._progress())

    async def leave(self, request: Request) -> Response:
        """Wait for the account of these keys no more."""
        self._conductor.participants.leave(self._account(request))
        self._conductor.wake()
        return JSONResponse(self._progress())

    async def acknowledge(self, request: Request) -> Response:
        """Take `{"at": instant}` (all up to there is done) or `{"session": date}` (its close is worked off)."""
        account = self._account(request)
        fields = parsing.body(await request.body())
        at = _instant(fields, "at")
        session = _instant(fields, "session")
        if at is None and session is None:
            raise values.Refusal(422, parsing.INVALID, "at or session is required")
        self._conductor.acknowledge(account, at=at, session=None if session is None else session.date())
        return JSONResponse(self._progress())

    def _account(self, request: Request) -> str:
        account = self._keys.account_of(auth.from_headers(request.headers))
        if account is None:
            raise values.Refusal(401, None, "unauthorized.")
        return account

    def _progress(self) -> dict[str, Any]:
        """What a participant may know: the time, what is awaited and whether the replay is over."""
        participants = self._conductor.participants
        session = participants.awaited_session
        return {
            "now": instant(self._clock.now()),
            "stage": self._conductor.stage.value,
            "done": self._conductor.stage is Stage.DONE,
            "awaiting": {
                "at": optional_instant(participants.awaited_at),
                "session": None if session is None else session.isoformat(),
            },
        }

    def _state(self) -> dict[str, Any]:
        walk = self._conductor.walk
        return {
            **self._progress(),
            "description": self._description,
            "session": {
                "date": walk.session.date.isoformat() if walk.session else None,
                "index": walk.session_index,
                "total": walk.total,
            },
            "minute": walk.minute_index,
            "paused": self._clock.is_paused,
            "held": self._conductor.held,
            "lock_step": self._clock.is_lock_step,
            "speed": self._clock.speed,
            "participants": {
                account: {
                    "at": optional_instant(progress.at),
                    "session": None if progress.session is None else progress.session.isoformat(),
                }
                for account, progress in self._conductor.participants.accounts().items()
            },
            "waiting_for": self._conductor.waiting_for(),
            "waiting_because": self._conductor.waiting_because(),
        }


def guarded(token: str, door: Door) -> Door:
    """Let only those through a door who know the control token."""

    async def guard(request: Request) -> Response:
        given = request.headers.get("x-venue-token", "")
        if not hmac.compare_digest(given.encode(), token.encode()):
            raise values.Refusal(401, None, "the X-Venue-Token header is missing or wrong")
        return await door(request)

    return guard


def _instant(fields: Any, name: str) -> datetime | None:
    text = fields.get(name)
    if text is None:
        return None
    if not isinstance(text, str):
        raise values.Refusal(422, parsing.INVALID, f"invalid {name}")
    return query.read_instant(text, name)
