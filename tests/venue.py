"""A venue for tests: the real server on a free port in a thread, moved by hand or left to walk by itself."""

import asyncio
import contextlib
import itertools
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from trading.venue import market, roster, serve, values, walk, words
from trading.venue.api import Terms, Venue
from trading.venue.auth import KeyPair

TOKEN = "control-token-for-tests"
START = 10


def account(
    key: str = "PKTEST", secret: str = "secret", cash: str = "100000", number: str = "PA0000001", kind: str = "paper"
) -> roster.Opening:
    """An account to open."""
    return roster.Opening(KeyPair(key, secret), number, words.AccountKind(kind), Decimal(cash))


def session(on: date) -> values.SessionDay:
    """A full regular session of a winter date: 09:30 to 16:00 New York is 14:30 to 21:00 UTC."""
    opening = datetime(on.year, on.month, on.day, 14, 30, tzinfo=UTC)
    return values.SessionDay(on, opening, opening + timedelta(hours=6, minutes=30))


DAYS = tuple(session(date(2026, 1, day)) for day in (5, 6, 7, 8, 9, 12, 13, 14, 15, 16))


def bar(
    symbol: str, start: datetime, prices: tuple[str, str, str, str] | str = "100", volume: int = 100_000
) -> market.Bar:
    """A bar from (open, high, low, close), or a flat one from a single price."""
    texts = (prices,) * 4 if isinstance(prices, str) else prices
    opening, high, low, close = (Decimal(each) for each in texts)
    return market.Bar(symbol, start, opening, high, low, close, volume, close, 100)


@dataclass(frozen=True)
class Script:
    """A replay given bar by bar: for each session the minutes, each a list of bars of all symbols."""

    script: Sequence[Sequence[Sequence[market.Bar]]]
    symbols: Sequence[str] = ("AAPL", "MSFT")
    past: Sequence[market.Bar] = ()
    past_days: Sequence[market.Bar] = ()
    description: str = "bars written by a test"
    fingerprint: str = "test"

    @property
    def sessions(self) -> Sequence[values.SessionDay]:
        return DAYS[: len(self.script)]

    @property
    def calendar(self) -> Sequence[values.SessionDay]:
        return DAYS

    @property
    def assets(self) -> Sequence[values.Asset]:
        return [
            values.Asset(f"00000000-0000-4000-8000-{index:012d}", symbol, f"{symbol} Inc.")
            for index, symbol in enumerate(self.symbols, 1)
        ]

    def minutes(self, day: values.SessionDay) -> Iterable[Sequence[market.Bar]]:
        return self.script[self.sessions.index(day)]

    def history(self) -> tuple[Sequence[market.Bar], Sequence[market.Bar]]:
        return self.past, self.past_days


def flat(
    minutes: int = START,
    *,
    symbols: Sequence[str] = ("AAPL", "MSFT"),
    price: str = "100",
    sessions: int = 1,
    volume: int = 100_000,
) -> Script:
    """A replay in which nothing moves: so many minutes from the open of each session, all at one price."""
    days = DAYS[:sessions]
    script = [
        [
            [bar(symbol, day.open + timedelta(minutes=minute), price, volume) for symbol in symbols]
            for minute in range(minutes)
        ]
        for day in days
    ]
    return Script(script, symbols)


class Prompt(serve.Server):
    """The server, which ends when it is told to and not at its next look: a suite ends hundreds of them."""

    def __init__(self, venue: Venue, *, walking: bool) -> None:
        super().__init__(venue, walking=walking)
        self._told: asyncio.Event | None = None

    def end(self) -> None:
        """Let it end; call it in the server's thread."""
        self.should_exit = True
        if self._told is not None:
            self._told.set()

    async def main_loop(self) -> None:
        self._told = asyncio.Event()
        ticks = itertools.count()
        while not await self.on_tick(next(ticks)):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), 0.1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for each in (*self.servers, *(sockets or ())):
            each.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        last = asyncio.get_running_loop().time() + 1
        while self.server_state.connections or self.server_state.tasks:
            if asyncio.get_running_loop().time() > last:
                for task in self.server_state.tasks:
                    task.cancel()
                break
            await asyncio.sleep(0.002)
        await self.lifespan.shutdown()


class RunningVenue:
    """A venue that serves; its exchange must only be touched through `call`, which runs in the server's thread."""

    def __init__(self, venue: Venue, server: Prompt, taken: socket.socket, token: str) -> None:
        self.venue = venue
        self.token = token
        self.port: int = taken.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.stream_url = f"ws://127.0.0.1:{self.port}/stream"
        self.data_stream_url = f"ws://127.0.0.1:{self.port}/v2/iex"
        self.control_headers = {"X-Venue-Token": token}
        self._server = server
        self._taken = taken
        self._loop: asyncio.AbstractEventLoop | None = None
        self._up = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="venue", daemon=True)

    def call[R](self, do: Callable[[], R]) -> R:
        """Run something in the server's thread and return what it returns."""

        async def doing() -> R:
            return do()

        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(doing(), self._loop).result(10)

    def step(self) -> walk.Step:
        """Play up to and including the next minute batch (opening or closing sessions on the way); Done at the end."""
        while True:
            played = self.step_once()
            if isinstance(played, walk.Minute | walk.Done):
                return played

    def step_once(self) -> walk.Step:
        """Play exactly the next step: an opening, a minute, a closing."""
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(self.venue.conductor.step(), self._loop).result(10)

    def start(self) -> None:
        self._thread.start()
        assert self._up.wait(10), "the venue did not come up within 10 s"

    def stop(self) -> None:
        with contextlib.suppress(RuntimeError):  # its loop is closed: the walk failed and ended it
            assert self._loop is not None
            self._loop.call_soon_threadsafe(self._server.end)
        self._thread.join(10)
        assert not self._thread.is_alive(), "the venue did not end within 10 s"

    def _serve(self) -> None:
        with asyncio.Runner(loop_factory=self._server.config.get_loop_factory()) as runner:
            runner.run(self._tell_when_up())

    async def _tell_when_up(self) -> None:
        self._loop = asyncio.get_running_loop()
        serving = asyncio.create_task(self._server.serve([self._taken]))
        while not self._server.started and not serving.done():
            await asyncio.sleep(0.005)
        self._up.set()
        await serving


@contextlib.contextmanager
def running_venue(
    replay: serve.Replay | None = None,
    accounts: Sequence[roster.Opening] | None = None,
    *,
    walking: bool = False,
    speed: float | None = None,
    terms: Terms | None = None,
    sessions: int | None = None,
    state: Path | None = None,
) -> Iterator[RunningVenue]:
    """Serve a venue on a free port. It moves only by `step()` unless it is `walking` (in lock-step, or by `speed`)."""
    given = terms or Terms(TOKEN, "bars written by a test", trading_limit=0, data_limit=0)
    assembled = serve.assemble(
        replay or flat(), accounts or [account()], given, speed=speed, sessions=sessions, state=state
    )
    venue = RunningVenue(
        assembled, Prompt(assembled, walking=walking), serve.listen("127.0.0.1", 0), given.control_token
    )
    venue.start()
    try:
        yield venue
    finally:
        venue.stop()
