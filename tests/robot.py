"""A small desk for tests: one account at a running venue, one strategy of a scripted rule, the shipped limits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.test import override_settings

from config.env.accounts import BrokerAccount
from config.env.secret import Secret
from risk import limits
from tests.venue import DAYS, RunningVenue, Script, account, bar, running_venue
from trading import engine, market_data, sessions
from trading.bars import BarWindow
from trading.broker import factory
from trading.broker.gateway import BrokerGateway
from trading.choices import Timeframe
from trading.models import Account, AccountState, EnginePass, Hearing, Instrument, Strategy
from trading.strategies.parameters import Parameters
from trading.streams import hearing
from trading.targets import Target
from trading.venue import trading_days, walk
from trading.venue.market import Bar
from trading.watching import heartbeats

NOW = datetime(2026, 1, 5, 14, 0, tzinfo=UTC)
"""The wall clock of the tests: a machine age never depends on it."""

SYMBOLS = ("AAPL", "MSFT")


@dataclass(slots=True)
class Wishes:
    """What the scripted rule answers: a direction per (symbol, minute of the session)."""

    by_minute: dict[tuple[str, int], str] = field(default_factory=dict)


WISHES = Wishes()


class Scripted:
    """A rule that does as told: `WISHES.by_minute[("AAPL", 6)] = "long"`."""

    name = "scripted"
    title = "Scripted"
    parameters_type = Parameters

    def warm_up(self, parameters: Parameters) -> int:
        return 1

    def evaluate(self, window: BarWindow, parameters: Parameters, held: Decimal) -> Target | None:
        minute = int((window.last.start_at - DAYS[0].open).total_seconds() // 60)
        wish = WISHES.by_minute.get((window.symbol, minute))
        if wish == "long" and held == 0:
            return Target(window.symbol, "long", Decimal(1), "told so", Decimal("0.02"), Decimal("0.03"))
        if wish == "flat" and held > 0:
            return Target(window.symbol, "flat", Decimal(1), "told so")
        return None


@dataclass(slots=True)
class Robot:
    """The desk and its venue. `minute()` plays one minute at the venue and makes the pass over it."""

    venue: RunningVenue
    account: Account
    gateway: BrokerGateway
    now: datetime = NOW

    def minute(self) -> EnginePass:
        played = self.venue.step()
        assert not isinstance(played, walk.Done), "the script has no further minute"
        self.now += timedelta(seconds=60)
        symbols = market_data.symbols_of(self.account)
        clock = self.gateway.clock()
        market_data.ingest(self.gateway.bars(symbols, Timeframe.MINUTE, played.at - timedelta(minutes=1), clock.at))
        return self.run_pass(played.at - timedelta(minutes=1))

    def run_pass(self, bar_at: datetime, holder: str = "test") -> EnginePass:
        clocks = engine.Clocks(self.now, self.gateway.clock().at)
        return engine.run_pass(self.account, gateway=self.gateway, bar_at=bar_at, holder=holder, clocks=clocks)

    def minutes(self, count: int) -> list[EnginePass]:
        return [self.minute() for _ in range(count)]


def script(prices: Callable[[str, int], tuple[str, str, str, str] | str], minutes: int = 20) -> Script:
    """One session whose bars `prices(symbol, minute)` gives."""
    day = DAYS[0]
    return Script(
        [
            [
                [bar(symbol, day.open + timedelta(minutes=minute), prices(symbol, minute)) for symbol in SYMBOLS]
                for minute in range(minutes)
            ]
        ],
        SYMBOLS,
    )


def past_days() -> list[Bar]:
    """Twenty sessions before the script's, in which fifty million shares of each symbol were traded a day."""
    last = sessions.last_closed(DAYS[0].open)
    days = [last]
    while len(days) < market_data.VOLUME_SESSIONS:
        days.append(sessions.last_closed(days[-1].open_at))
    return [
        replace(bar(symbol, trading_days.midnight(day.date), "100"), volume=50_000_000)
        for day in reversed(days)
        for symbol in SYMBOLS
    ]


@contextmanager
def robot(replay: Script | None = None, kind: str = "paper") -> Iterator[Robot]:
    """A desk on a venue that moves by hand; the database and the shipped limits stand behind it."""
    replay = replay or script(lambda symbol, minute: "100")
    replay = replay if replay.past_days else replace(replay, past_days=past_days())
    opening = account(key="PKTEST" if kind == "paper" else "AKTEST", kind=kind)
    WISHES.by_minute.clear()
    with running_venue(replay, [opening]) as venue:
        keys = BrokerAccount(
            number=opening.number,
            kind=kind,
            key=Secret(opening.keys.key_id),
            secret=Secret(opening.keys.secret),
            base_url=venue.url,
            data_url=venue.url,
            stream_url=venue.stream_url,
            data_stream_url=venue.data_stream_url.removesuffix("/v2/iex"),
        )
        with override_settings(
            BROKER_ACCOUNTS={opening.number: keys},
            VENUE_CONTROL_URL=venue.url,
            STRATEGY_RULES=("tests.robot.Scripted",),
        ):
            factory.forget()
            made = _open_desk(opening.number, kind, factory.gateway_for(opening.number))
            try:
                yield Robot(venue, made, factory.gateway_for(opening.number))
            finally:
                factory.forget()


def hear(account: Account) -> None:
    """Let the account's order updates count as heard, for as long as a test lasts."""
    hearing.own(account.pk, holder=heartbeats.instance())
    hearing.heard(account.pk, holder=heartbeats.instance())
    Hearing.objects.filter(account=account).update(expires_at=datetime(2100, 1, 1, tzinfo=UTC))


def _open_desk(number: str, kind: str, gateway: BrokerGateway) -> Account:
    made = Account.objects.create(number=number, name="test", mode=kind, created_at=NOW)
    AccountState.objects.create(account=made)
    hear(made)
    gateway.forbid_shorting()
    market_data.describe(gateway, SYMBOLS, now=NOW)
    market_data.keep_volumes(gateway, SYMBOLS, market_now=gateway.clock().at)
    Instrument.objects.filter(symbol="AAPL").update(sector="hardware")
    Instrument.objects.filter(symbol="MSFT").update(sector="software")
    limits.install_policy(by="test", now=NOW, symbols=SYMBOLS)
    Strategy.objects.create(
        account=made,
        name="scripted",
        rule="scripted",
        symbols=list(SYMBOLS),
        risk_fraction=Decimal("0.001"),
        active=True,
        created_at=NOW,
    )
    return made
