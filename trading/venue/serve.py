"""Puts a venue together and serves it: exchange, accounts, state file, conductor and the web server under them."""

import asyncio
import contextlib
import logging
import secrets
import signal
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import uvicorn

from trading.venue import data, identity, market, resume, roster, values
from trading.venue.api import Terms, Venue
from trading.venue.auth import KeyRing
from trading.venue.clock import VirtualClock
from trading.venue.exchange import Exchange
from trading.venue.faults.plan import Plan
from trading.venue.http import ResettableProtocol
from trading.venue.journal import Acts
from trading.venue.walk import Source, Walk

log = logging.getLogger(__name__)

BEFORE_OPEN = timedelta(minutes=5)
"""How long before the first open the venue's clock starts, so that there is a market that is not open yet."""


class Replay(Source, Protocol):
    """What a venue replays: a source of minutes, and what is listed and known around it."""

    @property
    def assets(self) -> Sequence[values.Asset]:
        """Everything listed."""

    @property
    def calendar(self) -> Sequence[values.SessionDay]:
        """The sessions the venue knows, past the last one played."""

    @property
    def description(self) -> str:
        """One sentence on what is replayed."""

    @property
    def fingerprint(self) -> str:
        """Which data and seed this is, not how many sessions of it."""

    def history(self) -> tuple[Sequence[market.Bar], Sequence[market.Bar]]:
        """Minutes and days before the first session."""


def assemble(
    replay: Replay,
    accounts: Sequence[roster.Opening],
    terms: Terms,
    *,
    speed: float | None = None,
    sessions: int | None = None,
    state: Path | None = None,
    plan: Plan | None = None,
) -> Venue:
    """Put a venue together, going on from its state file where there is one.

    `speed` is virtual seconds per second, None for lock-step; `sessions` is how many more to play (None: all);
    `plan` are the faults it is to have.
    Raises resume.UnusableState.
    """
    kept = None if state is None else resume.look(state, replay.fingerprint)
    clock = VirtualClock(replay.sessions[0].open - BEFORE_OPEN)
    exchange = Exchange(
        replay.assets,
        replay.calendar,
        clock,
        ids=identity.seeded_ids(kept.salt if kept else secrets.token_hex(8)),
        participation=data.PARTICIPATION,
        spread_ticks=data.SPREAD_TICKS,
    )
    exchange.load_history(*replay.history())
    keys = KeyRing()
    venue = Venue(exchange, clock, Acts(exchange, clock), Walk(replay), keys, terms, plan or Plan())
    if kept is not None:
        resume.resume(kept, venue)
    walk = venue.conductor.walk
    walk.limit_to(None if sessions is None else walk.closed + sessions)
    for each in accounts:
        keys.admit(each.keys, each.number)
        if each.number not in exchange.accounts():
            venue.acts.open_account(each.number, each.kind, each.cash)
    venue.plan.stand_at(walk.session_index, walk.minute_index)
    venue.conductor.keep_time(walk.upcoming())
    clock.set_speed(speed)
    return venue


def listen(host: str, port: int) -> socket.socket:
    """Take a port (0: any free one).

    Raises OSError where it is taken or not allowed.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((host, port))
        taken.listen(128)
    except OSError:
        taken.close()
        raise
    return taken


class Server(uvicorn.Server):
    """A uvicorn server for one venue: it walks while it serves, and ends at once when told to."""

    def __init__(self, venue: Venue, *, walking: bool = True) -> None:
        self.failure: BaseException | None = None
        self._venue = venue
        self._walking = walking
        config = uvicorn.Config(
            venue.application(self._walk),
            loop="uvloop",
            http=ResettableProtocol,
            ws="websockets-sansio",
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=1,
            ws_per_message_deflate=False,
            server_header=False,
            lifespan="on",
        )
        super().__init__(config)

    def serve_on(self, taken: socket.socket) -> None:
        """Serve on a socket until SIGTERM, SIGINT or `should_exit`; raises what made the walk fail."""
        with asyncio.Runner(loop_factory=self.config.get_loop_factory()) as runner:
            runner.run(self.serve([taken]))
        if self.failure is not None:
            raise self.failure

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End on the first signal without raising it again afterwards, so that an ordered end exits with 0."""
        loop = asyncio.get_running_loop()
        stops = (signal.SIGTERM, signal.SIGINT)
        with contextlib.suppress(ValueError, RuntimeError):  # not the main thread: a test ends the server by hand
            for stop in stops:
                loop.add_signal_handler(stop, self._end)
        yield
        with contextlib.suppress(ValueError, RuntimeError):
            for stop in stops:
                loop.remove_signal_handler(stop)

    def _end(self) -> None:
        self.should_exit = True

    @contextlib.asynccontextmanager
    async def _walk(self) -> AsyncIterator[None]:
        walking = asyncio.create_task(self._venue.conductor.run()) if self._walking else None
        if walking is not None:
            walking.add_done_callback(self._walked)
        try:
            yield
        finally:
            if walking is not None:
                walking.cancel()
            self._venue.trade_updates.close()
            self._venue.market_data.close()

    def _walked(self, walking: asyncio.Task[None]) -> None:
        if walking.cancelled() or (failure := walking.exception()) is None:
            return
        # A venue whose market stands still for good must not look healthy.
        log.error("The replay failed", exc_info=failure)
        self.failure = failure
        self.should_exit = True
