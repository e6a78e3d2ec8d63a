"""`/venue/faults`: planning faults while the venue runs, looking at what they did, and lifting them."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from trading.venue import control, parsing, values
from trading.venue.faults import reading
from trading.venue.faults.company import FaultyCompany
from trading.venue.faults.plan import Entry


class Faults:
    """The fault room of one venue, guarded by the control token."""

    def __init__(self, company: FaultyCompany, token: str) -> None:
        self._company = company
        self._token = token

    def routes(self) -> list[Route]:
        """Return this room's routes."""
        rooms = {"GET": self.tell, "POST": self.plan, "DELETE": self.lift}
        return [
            Route("/venue/faults", control.guarded(self._token, door), methods=[method])
            for method, door in rooms.items()
        ]

    async def tell(self, request: Request) -> Response:
        """Answer what is planned, and how often each fault struck."""
        return JSONResponse(self._state())

    async def plan(self, request: Request) -> Response:
        """Plan more faults: the body is what a fault file holds. What cannot be read changes nothing."""
        try:
            wanted = reading.from_bytes(await request.body(), "the request")
        except reading.BadFaults as problem:
            raise values.Refusal(422, parsing.INVALID, str(problem)) from None
        plan = self._company.plan
        plan.seed = plan.seed if wanted.seed is None else wanted.seed
        plan.add(wanted.faults)
        return JSONResponse(self._state())

    async def lift(self, request: Request) -> Response:
        """Lift every fault; the counts stay."""
        self._company.lift()
        return JSONResponse(self._state())

    def _state(self) -> dict[str, Any]:
        plan = self._company.plan
        return {
            "seed": plan.seed,
            "session": plan.session,
            "minute": plan.minute,
            "faults": [_entry(each) for each in plan.entries],
            "hits": dict(sorted(plan.hits().items())),
            "controls": dict(sorted(plan.controls().items())),
        }


def _entry(entry: Entry) -> dict[str, Any]:
    fault, when = entry.fault, entry.fault.when
    conditions = {
        "on": sorted(fault.on),
        "symbol": sorted(fault.symbols),
        "account": sorted(fault.accounts),
        "rate": None if when.rate is None else str(when.rate),
        "count": when.most,
        "after": when.after,
        "session": when.session,
        "minute": when.minute,
        "minutes": when.minutes,
    }
    given = {name: value for name, value in conditions.items() if value not in (None, [], 0)}
    settings = {name: str(value) for name, value in fault.settings.items()}
    return {"name": fault.name, **given, "settings": settings, "asked": entry.asked, "hits": entry.hits}
