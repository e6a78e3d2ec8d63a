"""The door of a websocket stream: refused at the handshake, at authentication, or left without what was subscribed."""

from starlette.responses import JSONResponse
from starlette.websockets import WebSocket

from trading.venue.faults.menu import Place
from trading.venue.faults.plan import Plan

_AT_AUTH = frozenset({"auth_silence", "auth_refused", "connection_limit"})


class FaultyDoor:
    """Asks the plan at each stage of opening one kind of stream (`updates` or `data`)."""

    def __init__(self, plan: Plan, stream: str) -> None:
        self._plan = plan
        self._stream = stream

    async def refuses(self, websocket: WebSocket) -> bool:
        """Answer the handshake with an HTTP status where that is planned. Whose it is is not known yet."""
        fault = self._plan.strike(
            Place.HANDSHAKE, self._stream, able=lambda one: one.name == "handshake_refused" and not one.accounts
        )
        if fault is None:
            return False
        status = fault.set("status")
        body = {"code": status * 100_000, "message": "too many connections" if status == 429 else "unavailable"}
        await websocket.send_denial_response(JSONResponse(body, status))
        return True

    def at_auth(self, account: str | None) -> str:
        """Return the name of the fault that strikes this authentication; empty for none."""
        fault = self._plan.strike(Place.HANDSHAKE, self._stream, account or "", able=lambda one: one.name in _AT_AUTH)
        return "" if fault is None else fault.name

    def ignores(self, account: str | None) -> bool:
        """Whether this subscription is passed over."""
        able = "listen_ignored"
        return (
            self._plan.strike(Place.HANDSHAKE, self._stream, account or "", able=lambda one: one.name == able)
            is not None
        )
