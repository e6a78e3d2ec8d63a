"""The venue of one run and its market: minutes that fill, fill in part, stop out, and leave entries resting."""

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.crash.environment import KEY, NUMBER, SECRET
from tests.robot import past_days
from tests.venue import DAYS, Prompt, RunningVenue, Script, bar
from trading.venue import roster, serve, words
from trading.venue.api import Terms
from trading.venue.auth import KeyPair
from trading.venue.market import Bar

MINUTES = 40
FIRST = 4
"""Minutes that are over before the desk begins: entries are not allowed right after the open."""
SYMBOLS = ("AAPL", "MSFT", "IBM", "GOOG")


@dataclass(frozen=True, slots=True)
class Arrival:
    """An order that arrived at the venue, by the wall clock."""

    at: float
    client_id: str
    symbol: str
    side: str


class Door:
    """Stands before the venue's application and notes the orders that come in, whatever becomes of them."""

    def __init__(self, application: Any, arrivals: list[Arrival]) -> None:
        self._application = application
        self._arrivals = arrivals

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] != "/v2/orders":
            await self._application(scope, receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        with contextlib.suppress(ValueError):
            told = json.loads(body)
            self._arrivals.append(
                Arrival(time.time(), str(told.get("client_order_id")), str(told.get("symbol")), str(told.get("side")))
            )
        unread = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Any:
            return unread.pop() if unread else await receive()

        await self._application(scope, again, send)


@contextlib.contextmanager
def running(
    port: int, token: str, *, rate_limit: int = 0, dry: bool = False
) -> Iterator[tuple[RunningVenue, list[Arrival]]]:
    """A fresh venue on its port, moved by hand; and the orders that arrive there."""
    opening = roster.Opening(KeyPair(KEY, SECRET), NUMBER, words.AccountKind("paper"), Decimal(100_000))
    terms = Terms(token, "bars of the crash rig", trading_limit=rate_limit, data_limit=0)
    assembled = serve.assemble(script(dry=dry), [opening], terms)
    arrivals: list[Arrival] = []
    inner = assembled.application
    assembled.application = lambda *given: Door(inner(*given), arrivals)  # type: ignore[method-assign,assignment]
    venue = RunningVenue(assembled, Prompt(assembled, walking=False), serve.listen("127.0.0.1", port), token)
    venue.start()
    try:
        yield venue, arrivals
    finally:
        venue.stop()


def script(*, dry: bool = False) -> Script:
    """One session. MSFT is thin, so that its entry fills in part, and falls to its stop later; IBM is thin throughout.

    In a `dry` market nothing is traded, and entries rest whole.
    """
    day = DAYS[0]
    minutes = [
        [_bar(symbol, minute, dry, day.open + timedelta(minutes=minute)) for symbol in SYMBOLS]
        for minute in range(MINUTES)
    ]
    one = [each for each in past_days() if each.symbol == SYMBOLS[0]]
    return Script([minutes], SYMBOLS, past_days=[replace(each, symbol=symbol) for each in one for symbol in SYMBOLS])


def _bar(symbol: str, minute: int, dry: bool, start: datetime) -> Bar:
    thin = symbol == "IBM" or (symbol == "MSFT" and minute < 7)
    price = "95" if symbol == "MSFT" and minute >= 7 else "100"
    return bar(symbol, start, price, 5 if dry else 120 if thin else 100_000)
