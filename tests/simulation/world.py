"""The world of one seed: exchange, clocks, desks and their wires, and what happens in the middle of a call."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, connection

from tests.simulation import market
from tests.simulation.ground import Ground
from tests.simulation.options import NUMBERS, SYMBOLS, Options
from tests.simulation.statements import Died, Statements
from tests.simulation.stream import Mailbox
from tests.simulation.violations import Violation
from tests.simulation.wire import Wire
from trading.broker.gateway import BrokerError
from trading.broker.in_process import InProcessGateway
from trading.models import Account
from trading.venue.clock import VirtualClock
from trading.venue.exchange import Exchange
from trading.venue.faults.company import FaultyCompany
from trading.venue.faults.plan import Plan
from trading.venue.values import Execution, SessionDay
from trading.venue.walk import Close, Minute, Open

LAST_MINUTE = 380
"""Minute of a session after which the night comes by itself."""


@dataclass(slots=True)
class Desk:
    """One account as the desk has it: its way to the broker and its mail."""

    account: Account
    gateway: Any
    mailbox: Mailbox
    hears: bool = True
    heal_asked: bool = False


@dataclass(slots=True)
class Meanwhile:
    """What is to happen in the middle of a call of some kind."""

    at: str
    when: str
    what: str
    seconds: int


class World:
    """Everything one seed plays with. `t` is the market's time, `now` the machines' wall clock."""

    def __init__(self, options: Options, ground: Ground) -> None:
        self.options, self.ground = options, ground
        self.symbols = SYMBOLS[: options.symbols]
        self.clock = VirtualClock(market.BEFORE)
        self.exchange = Exchange(market.assets(SYMBOLS), market.calendar(), self.clock)
        self.exchange.load_history((), market.past_days(SYMBOLS))
        self.plan = Plan(seed=options.seed)
        self.company = FaultyCompany(self.exchange, self.exchange, self.plan, self.clock)
        self.prices = market.Prices(options, SYMBOLS)
        self.statements = Statements()
        self.skew = timedelta(0)
        self.session, self.minute = -1, 0
        self.trading = False
        self.ingested_until = market.BEFORE
        self.meanwhiles: list[Meanwhile] = []
        self.actor = "nobody"
        self.settled_after = timedelta(0)
        self.hits: Counter[str] = Counter()
        self.story: list[str] = []
        self.judge_call: Callable[[str, str, tuple[Any, ...]], None] = lambda *_: None
        self.happen: Callable[[str, Meanwhile], None] = lambda *_: None
        self.desks = [self._open(number) for number in NUMBERS[: options.accounts]]

    @property
    def t(self) -> datetime:
        return self.clock.now()

    @property
    def now(self) -> datetime:
        return self.t + self.skew

    @property
    def bar_at(self) -> datetime:
        """Start of the newest bar the venue has told."""
        return market.DAYS[self.session].open + (self.minute - 1) * market.MINUTE

    def _open(self, number: str) -> Desk:
        self.exchange.open_account(number)
        behind = InProcessGateway(self.exchange, number, self.clock.now, self.company)
        account = Account.objects.select_related("state").get(number=number)
        return Desk(account, Wire(self, behind), Mailbox(self.exchange, number, self.plan))

    def desk(self, place: int) -> Desk:
        return self.desks[place % len(self.desks)]

    def note(self, sentence: str) -> None:
        """Add to what is told of this seed when it fails."""
        self.story.append(f"{self.t:%d %H:%M:%S} {self.actor}: {sentence}")

    def executions(self, number: str) -> list[Execution]:
        """Everything that was traded in an account and not declared void since."""
        found: list[Execution] = []
        while page := self.exchange.activities(
            number, direction="asc", page_token=found[-1].activity_id if found else None
        ):
            found += page
        return found

    # Time

    def advance(self, by: timedelta) -> None:
        """Move both clocks; minutes of the market that end on the way are played."""
        target = self.t + by
        while self.trading and self._next_minute() <= target:
            self.play_minute()
        if target > self.t:
            self.clock.jump(target)

    def _next_minute(self) -> datetime:
        return market.DAYS[self.session].open + (self.minute + 1) * market.MINUTE

    def play_minute(self) -> None:
        """Play the next minute at the venue, or the night where the session is nearly over."""
        if self.minute >= LAST_MINUTE:
            self.night()
            return
        bars = self.prices.minute(self.session, self.minute)
        at = self._next_minute()
        self.clock.jump(at)
        self.exchange.take_bar(bars)
        self.minute += 1
        self._stepped(Minute(at, bars))

    def night(self) -> None:
        """Close the session and open the next."""
        self.close_session()
        self.open_session()

    def close_session(self) -> SessionDay:
        """Close the session; its day."""
        day = market.DAYS[self.session]
        self.clock.jump(day.close)
        self.exchange.close_session()
        self.trading = False
        self._stepped(Close(day))
        return day

    def open_session(self) -> None:
        """Open the next session."""
        self.session, self.minute = self.session + 1, 0
        day = market.DAYS[self.session]
        for symbol in SYMBOLS:
            last = self.exchange.latest_trade(symbol)
            if last is not None:
                self.prices.go_on_at(symbol, last.price)
        self.clock.jump(max(day.open, self.t))
        self.trading = True
        self.exchange.open_session()
        self._stepped(Open(day))

    def _stepped(self, step: Open | Minute | Close) -> None:
        self.company.stepped(step, self.session + 1, self.minute)
        for desk in getattr(self, "desks", ()):
            desk.mailbox.tell_rest()

    # Work

    def work[T](self, actor: str, do: Callable[[], T]) -> T | None:
        """Let a process of the desk do a piece of work. None where it died, or the database failed it as planned."""
        before, self.actor = self.actor, actor
        try:
            return do()
        except Died:
            self.note("died")
            self.statements.dead = False
            return None
        except (OperationalError, InterfaceError) as failure:
            if "planned" not in str(failure):
                raise
            self.note(f"gave up: {failure}")
            return None
        finally:
            self._count_strikes(actor)
            self.actor = before

    def _count_strikes(self, actor: str) -> None:
        for how in self.statements.struck:
            self.hits["F21" if how.startswith("die") else "F25" if how == "fail_before" else "F23"] += 1
            if actor == "stream" and how.startswith("fail"):
                self.hits["F12"] += 1
            if actor == "sealer":
                self.hits["F42"] += 1
        self.hits.update(self.statements.where)
        self.statements.struck.clear()
        self.statements.where.clear()

    def call(self, number: str, kind: str, arguments: tuple[Any, ...], do: Callable[[], Any]) -> Any:
        """Around every call to the broker."""
        if self.statements.dead:
            raise Died
        if connection.in_atomic_block:
            raise Violation("I1", f"{kind} was called inside a transaction: a rollback would forget it")
        # From here on nothing of the program can stop the call: what comes before it now, comes too late for it.
        self.judge_call(number, kind, arguments)
        self._meanwhile(number, kind, "before")
        try:
            answer = do()
        except BrokerError as failure:
            self.note(f"{kind} of {number}: {type(failure).__name__} {failure}"[:160])
            self._meanwhile(number, kind, "after")
            raise
        self._meanwhile(number, kind, "after")
        return answer

    def _meanwhile(self, number: str, kind: str, when: str) -> None:
        for each in self.meanwhiles:
            if (each.at, each.when) == (kind, when):
                self.meanwhiles.remove(each)
                self.happen(number, each)
                return
