"""What is done with everything the broker's streams say. Each item is worked off in its own database call.

The streams are a hint: whatever is not understood, missed or failed asks for a heal by REST, which is the truth.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from asgiref.sync import sync_to_async
from django.db import DatabaseError, close_old_connections, transaction
from django.utils import timezone

from audit import crash_points, trail
from trading import market_data, opening, orders
from trading.broker import factory, stream_link
from trading.broker.gateway import BarReport, BrokerError, OrderReport, StatusReport
from trading.models import Account
from trading.streams import hearing, inbox
from trading.watching import heartbeats

logger = logging.getLogger(__name__)

GATHERING = 2.0
"""Seconds to wait for the other symbols' bars of a minute, where they do not come in one frame."""

NOT_READY = 2.0
"""Seconds between two tries to get an account ready."""

BEAT = 5.0
"""Seconds between two heartbeats of the stream, and between two renewals of its leases."""

STANDBY = 1.0
"""Seconds between two tries to own a stream that another process has."""


class Superseded(Exception):
    """Another process took the stream over while this one stood still: it ends, and waits for its turn again."""


class DeskChanged(Exception):
    """Other accounts or symbols than listened for: the process ends, and its supervisor starts it with the new ones."""


@dataclass(slots=True)
class Listener:
    """One desk's ears: order updates of every active account, and one market stream for all of them."""

    accounts: list[Account]
    symbols: list[str]
    start_pass: Callable[[str, datetime], None]
    """Ask for a pass of an account (number) over the bar that starts at the instant."""
    ask_for_heal: Callable[[str], None]
    joined: Callable[[str], None]
    """The account's order updates are heard: a lock-step venue may go on."""
    _gathered: dict[datetime, set[str]] = field(default_factory=dict)
    _waiting: dict[datetime, asyncio.Task[None]] = field(default_factory=dict)
    holder: str = field(default_factory=heartbeats.instance)
    _worked: bool = False
    _owning: bool = False

    async def listen(self) -> None:
        """Until canceled. A stream that fails for good takes the process down, so that its end is seen.

        Nothing is followed before every account's stream is ours: a second process stands by.
        """
        async with asyncio.TaskGroup() as group:
            group.create_task(self._beat())
            try:
                await self._own_streams()
                for account in self.accounts:
                    group.create_task(self._follow_orders(account))
                if self.accounts and self.symbols:
                    group.create_task(self._follow_market(self.accounts[0]))
                await asyncio.Event().wait()
            finally:
                await asyncio.shield(self._release())

    async def _own_streams(self) -> None:
        for account in self.accounts:
            while not await in_database(hearing.own, account.pk, holder=self.holder):
                await asyncio.sleep(STANDBY)
        crash_points.reach("stream.owned")
        self._owning = True

    async def _release(self) -> None:
        with contextlib.suppress(DatabaseError):  # it runs out by itself
            for account in self.accounts:
                await in_database(hearing.release, account.pk, holder=self.holder)

    async def _follow_orders(self, account: Account) -> None:
        await self._get_ready(account)
        await self._carefully(account, self._work_off, account)
        async for item in factory.updates_for(account.number).listen():
            match item:
                case OrderReport():
                    await self._carefully(account, self._order_news, account, item)
                case stream_link.Connected():
                    await self._carefully(account, self._mark, account, hearing.heard)
                    await self._carefully(account, self._tell, account, "stream.connected", "order updates are heard")
                    self.ask_for_heal(account.number)
                    await asyncio.to_thread(self.joined, account.number)
                case stream_link.Disconnected():
                    await self._carefully(account, self._mark, account, hearing.lost)
                    sentence = f"order updates are not heard: {item.reason}"
                    await self._carefully(account, self._tell, account, "stream.disconnected", sentence)
                case stream_link.Unreadable():
                    await self._carefully(account, self._keep_unreadable, account, item)
                    self.ask_for_heal(account.number)
                case stream_link.Silent():
                    self.ask_for_heal(account.number)

    async def _get_ready(self, account: Account) -> None:
        """Ask and tell the broker what the first pass needs, again and again until it answers."""
        while True:
            try:
                gateway = await in_database(factory.gateway_for, account.number)
                unknown = await in_database(opening.make_ready, account, gateway, now=timezone.now())
            except BrokerError as failure:
                logger.warning("not ready yet: %s", failure, extra={"account": account.number})
                await asyncio.sleep(NOT_READY)
                continue
            if unknown:
                sentence = f"the broker does not know {', '.join(unknown)}"
                await self._carefully(account, self._tell, account, "market.unknown_symbol", sentence)
            return

    async def _follow_market(self, account: Account) -> None:
        async for item in factory.market_stream_for(account.number, self.symbols).listen():
            if isinstance(item, tuple):
                await self._carefully(account, market_data.ingest, item)
                self._gather(item)
            elif isinstance(item, StatusReport):
                await self._carefully(account, self._status, account, item)
            elif isinstance(item, stream_link.Disconnected):
                logger.warning("bars are not heard: %s", item.reason)

    def _gather(self, bars: tuple[BarReport, ...]) -> None:
        """Start the passes of a minute when every symbol's bar is in, or after a short wait."""
        for bar in bars:
            start = bar.start_at
            self._gathered.setdefault(start, set()).add(bar.symbol)
            if self._gathered[start] >= set(self.symbols):
                self._start(start)
            elif start not in self._waiting:
                self._waiting[start] = asyncio.create_task(self._start_later(start))

    async def _start_later(self, start: datetime) -> None:
        await asyncio.sleep(GATHERING)
        self._start(start)

    def _start(self, start: datetime) -> None:
        if self._gathered.pop(start, None) is None:
            return
        waiting = self._waiting.pop(start, None)
        if waiting is not None and waiting is not asyncio.current_task():
            waiting.cancel()
        for account in self.accounts:
            self.start_pass(account.number, start)

    def _desk_changed(self) -> bool:
        active = {account.number for account in Account.objects.filter(active=True)}
        symbols = {symbol for account in self.accounts for symbol in market_data.symbols_of(account)}
        return active != {account.number for account in self.accounts} or symbols != set(self.symbols)

    def _order_news(self, account: Account, report: OrderReport) -> None:
        outcome = inbox.take(account, report, now=timezone.now())
        if outcome in (None, orders.Outcome.FILL_MISSING, orders.Outcome.UNRECOGNISED):
            self.ask_for_heal(account.number)

    def _work_off(self, account: Account) -> None:
        inbox.work_off(account, now=timezone.now())

    def _keep_unreadable(self, account: Account, item: stream_link.Unreadable) -> None:
        inbox.keep_unreadable(account, item.raw, reason=item.reason, now=timezone.now())

    def _mark(self, account: Account, mark: Callable[..., None]) -> None:
        mark(account.pk, holder=self.holder)

    def _status(self, account: Account, item: StatusReport) -> None:
        if market_data.keep_status(item):
            self._tell(account, "market.status", f"{item.symbol}: {item.message} {item.reason}".rstrip())

    def _tell(self, account: Account, event: str, sentence: str) -> None:
        with transaction.atomic():
            trail.record(
                event=event,
                account=account.number,
                mode=account.mode,
                sentence=sentence,
                by="stream",
                now=timezone.now(),
                severity="info" if event == "stream.connected" else "warning",
            )

    async def _carefully(self, account: Account, do: Callable[..., Any], *arguments: Any) -> None:
        """One item in the database's thread. A failure is logged and healed later; the stream goes on."""
        try:
            await in_database(do, *arguments)
            self._worked = True
        except Exception:
            logger.exception("a stream item was not worked off; healing by REST", extra={"account": account.number})
            self.ask_for_heal(account.number)

    async def _beat(self) -> None:
        while True:
            worked, self._worked = self._worked, False
            with contextlib.suppress(DatabaseError):  # the missing beat says by itself that the database is away
                note = "listening" if self._owning else "standing by: another process listens"
                await in_database(heartbeats.beat, "stream", now=timezone.now(), worked=worked, note=note)
                await self._go_on_owning()
                if await in_database(self._desk_changed):
                    raise DeskChanged("the desk's accounts or symbols changed; listening starts over")
            await asyncio.sleep(BEAT)

    async def _go_on_owning(self) -> None:
        for account in self.accounts if self._owning else ():
            if not await in_database(hearing.own, account.pk, holder=self.holder):
                raise Superseded(f"another process hears {account.number} now; this one ends")
            # What could not be applied while the database was away.
            await in_database(self._work_off, account)


def in_database(do: Callable[..., Any], *arguments: Any, **named: Any) -> Awaitable[Any]:
    """Run blocking database work in the one thread that owns the connection, with a connection that is alive."""

    def work() -> Any:
        close_old_connections()
        return do(*arguments, **named)

    return sync_to_async(work, thread_sensitive=True)()
