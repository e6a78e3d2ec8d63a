"""Walks the replay: opens sessions, plays them minute by minute, closes them, and waits where waiting is due.

`Walk` knows what comes next; the `Conductor` performs it on the exchange and tells the streams. The pace is the clock's
speed, or lock-step: then each minute, and each close, waits until every participating account has acknowledged it.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from trading.venue import rendering_market
from trading.venue.clock import VirtualClock
from trading.venue.data_stream import MarketDataStream
from trading.venue.exchange import Exchange
from trading.venue.faults.company import FaultyCompany
from trading.venue.journal import Acts
from trading.venue.market import Bar
from trading.venue.participants import Participants
from trading.venue.stream import TradeUpdates
from trading.venue.walk import Close, Done, Minute, Open, Step, Walk

# A client that reads slower than this does not hold up the market.
DRAIN_PATIENCE = 0.5
# How long the clock stands after a close when it runs by speed: five virtual minutes, but never a blink.
AFTER_CLOSE = timedelta(minutes=5)
SHORTEST_AFTER_CLOSE = 2.0


class Stage(StrEnum):
    """Where the walk stands."""

    HELD = "held"
    BEFORE_OPEN = "before_open"
    OPEN = "open"
    AFTER_CLOSE = "after_close"
    DONE = "done"


class Conductor:
    """Moves one venue through its sessions."""

    def __init__(
        self,
        walk: Walk,
        exchange: Exchange,
        acts: Acts,
        clock: VirtualClock,
        trade_updates: TradeUpdates,
        market_data: MarketDataStream,
        company: FaultyCompany,
        *,
        hold: bool = False,
        pace: float = 0,
    ) -> None:
        self.walk = walk
        self.participants = Participants()
        self.held = hold
        self.stage = Stage.HELD if hold else Stage.BEFORE_OPEN
        self._exchange = exchange
        self._acts = acts
        self._clock = clock
        self._trade_updates = trade_updates
        self._market_data = market_data
        self._company = company
        self._changed = asyncio.Event()
        self._stepping = asyncio.Lock()
        self._rushing_to: datetime | None = None
        self._pace = pace
        self._told_at = float("-inf")
        self._paused: dict[str, str] = {}

    # What people at the control endpoint do

    def start(self) -> None:
        """Release the hold."""
        self.held = False
        if self.stage is Stage.HELD:
            self.stage = Stage.BEFORE_OPEN
        self.wake()

    def pause(self) -> None:
        """Stop the clock and the walk."""
        self._clock.pause()
        self.wake()

    def resume(self) -> None:
        """Go on after a pause."""
        self._clock.resume()
        self.wake()

    def set_speed(self, speed: float | None) -> None:
        """Go on at another speed; None for lock-step. Raises ValueError for a speed that is not above zero."""
        self._clock.set_speed(speed)
        self.wake()

    def rush(self, to: datetime) -> None:
        """Play everything up to an instant without waiting for anybody."""
        self._rushing_to = to
        self.wake()

    def wake(self) -> None:
        """Look again at what is waited for."""
        self._changed.set()

    def waiting_for(self) -> list[str]:
        """Return the accounts whose acknowledgement the walk waits for now (lock-step only)."""
        if not self._clock.is_lock_step or self.stage in {Stage.HELD, Stage.DONE}:
            return []
        return self.participants.behind()

    def waiting_because(self) -> str:
        """Return one sentence on what the walk waits for; empty while it goes on by itself."""
        if self.stage is Stage.DONE:
            return ""
        if self.held:
            return "The replay is held: POST /venue/start releases it."
        if self._clock.is_paused:
            return "The clock is paused: POST /venue/resume lets it go on."
        if not self._clock.is_lock_step:
            return ""
        if not self.participants:
            return "Nobody takes part yet: POST /venue/participate with an account's keys."
        behind = ", ".join(self.participants.behind())
        return f"Waiting for account {behind} to acknowledge." if behind else ""

    # The walk

    async def run(self) -> None:
        """Walk to the end of the replay, waiting where waiting is due."""
        while not isinstance(self.walk.upcoming(), Done):
            await self._due(self.walk.upcoming())
            await self.step()
        await self._until(lambda: not self._clock.is_lock_step or not self.participants.behind())
        self.stage = Stage.DONE

    async def step(self) -> Step:
        """Perform what comes next, at once, and return it."""
        async with self._stepping:
            step = self.walk.upcoming()
            self._perform(step)
            self.walk.advance()
            self._company.stepped(step, self.walk.session_index, self.walk.minute_index)
            self._tell_pauses()
            if isinstance(step, Minute):
                self._trade_updates.tell_rest()
                await self._tell(self._company.shown.told(step.bars))
        return step

    def _perform(self, step: Step) -> None:
        if isinstance(step, Done):
            return
        self._forward(step.at)
        match step:
            case Open():
                self._acts.open_session()
                self.stage = Stage.OPEN
            case Minute(at, bars):
                self._acts.take_bar(bars)
                self.participants.minute_sent(at)
            case Close(day):
                self._acts.close_session()
                self.participants.session_closed(day.date)
                self.stage = Stage.AFTER_CLOSE

    def acknowledge(self, account: str, *, at: datetime | None = None, session: date | None = None) -> None:
        """Take an account's word that it has finished with everything up to `at`, or with a session's close."""
        self.participants.acknowledge(account, at=at, session=session)
        self.wake()

    def keep_time(self, step: Step) -> None:
        """Let the clock stand at what comes next until that has been told, however long it is held or delayed."""
        self._clock.never_past(None if isinstance(step, Done) else step.at)

    async def _due(self, step: Step) -> None:
        self.keep_time(step)
        while True:
            await self._until(lambda: not self.held and not self._clock.is_paused)
            if self._is_rushing(step):
                return
            if self._clock.is_lock_step:
                await self._until(lambda: self._in_step(step))
                await asyncio.sleep(max(0.0, self._told_at + self._pace - time.monotonic()))
                if not self._in_step(step):
                    continue  # paused, or let go of, while it was paced
                self._told_at = time.monotonic()
                return
            await self._in_time(step)
            if not self._clock.is_lock_step and not self._clock.is_paused:
                return

    def _in_step(self, step: Step) -> bool:
        if self.held or self._clock.is_paused:
            return False
        if not self._clock.is_lock_step or self._is_rushing(step):
            return True
        # With nobody to be in step with, running on would leave the first participant behind.
        return bool(self.participants) and not self.participants.behind()

    async def _in_time(self, step: Step) -> None:
        if isinstance(step, Open):
            if self.stage is Stage.AFTER_CLOSE:
                await self._stand(max(AFTER_CLOSE.total_seconds() / (self._clock.speed or 1), SHORTEST_AFTER_CLOSE))
            return
        due = self._clock.now() if isinstance(step, Done) else step.at
        while not self._clock.is_lock_step and (seconds := self._clock.wall_seconds_until(due)) != 0:
            await self._sleep(seconds)
            if self._is_rushing(step):
                return

    async def _stand(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while (left := end - loop.time()) > 0 and not self._clock.is_lock_step:
            await self._sleep(left)
            if self._is_rushing(self.walk.upcoming()):
                return

    def _is_rushing(self, step: Step) -> bool:
        return self._rushing_to is not None and not isinstance(step, Done) and step.at <= self._rushing_to

    async def _tell(self, bars: list[Bar]) -> None:
        # Fills of the minute are heard before the bar that made them.
        await self._trade_updates.drain(DRAIN_PATIENCE)
        self._publish("bars", "b", {each.symbol: rendering_market.bar(each) for each in bars})
        symbols = [each.symbol for each in bars]
        shown = self._company.shown
        quotes = {symbol: shown.quote(symbol) for symbol in symbols}
        self._publish("quotes", "q", {name: rendering_market.quote(each) for name, each in quotes.items() if each})
        trades = {symbol: shown.latest_trade(symbol) for symbol in symbols}
        self._publish("trades", "t", {name: rendering_market.trade(each) for name, each in trades.items() if each})
        if self._market_data.subscribers("dailyBars"):
            days = {symbol: self._exchange.daily_bars(symbol, end=self._clock.now())[-1:] for symbol in symbols}
            self._publish(
                "dailyBars", "d", {name: rendering_market.bar(each[0]) for name, each in days.items() if each}
            )

    def _tell_pauses(self) -> None:
        """Tell what has begun to pause, and what trades again."""
        before, self._paused = self._paused, self._exchange.paused()
        changed = {name for name in before.keys() | self._paused.keys() if before.get(name) != self._paused.get(name)}
        now = self._clock.now()
        figures = {name: rendering_market.status(self._paused.get(name, ""), now) for name in sorted(changed)}
        if figures:
            self._publish("statuses", "s", figures)

    def _publish(self, channel: str, kind: str, figures: Mapping[str, Mapping[str, Any]]) -> None:
        messages = {symbol: rendering_market.streamed(kind, symbol, each) for symbol, each in figures.items()}
        self._market_data.publish(channel, messages)

    def _forward(self, to: datetime) -> None:
        # A running clock may be a moment past the minute by the time its bar is told.
        if to > self._clock.now():
            self._clock.jump(to)

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self._changed.clear()
            await self._changed.wait()

    async def _sleep(self, seconds: float | None) -> None:
        self._changed.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), seconds)
