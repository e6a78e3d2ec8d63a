"""The scene: ten forty-one on a Wednesday in May 2012, four positions, one order nobody answers, one denial."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.contrib.auth.models import User

from config import people as roles
from risk import people
from tests.desk import house, market
from tests.desk.trades import Wanted, hold, intent, order
from trading.choices import Mode, OrderStatus
from trading.models import Account, AccountState, Instrument, OrderIntent, Strategy

MARKET_NOW = datetime(2012, 5, 9, 14, 41, 22, tzinfo=UTC)
OPEN = datetime(2012, 5, 9, 13, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Scene:
    """What the tests point at."""

    account: Account
    strategy: Strategy
    instruments: dict[str, Instrument]
    denied: OrderIntent
    filled: OrderIntent
    viewer: User
    operator: User
    approver: User
    other_approver: User


def build(now: datetime) -> Scene:
    """Make the desk; `now` is the wall clock, the market stands at MARKET_NOW."""
    account = Account.objects.create(
        number="PA3X0DEMO", name="demo", mode=Mode.PAPER, created_at=now - timedelta(days=30)
    )
    AccountState.objects.create(
        account=account, figures_at=now, pinned_number=account.number, status="ACTIVE", cash=Decimal("90600"),
        equity=Decimal("100182.37"), last_equity=Decimal(100000), buying_power=Decimal("181200"),
        ledger_cash=Decimal("90600"), ledger_opened_at=now,
    )  # fmt: skip
    strategy = Strategy.objects.create(
        account=account, name="trend following", rule="trend_following", version=3, active=True,
        symbols=list(market.STOCKS), risk_fraction=Decimal("0.001"), created_at=now - timedelta(days=30),
    )  # fmt: skip
    listed = market.instruments(now)
    for instrument in listed.values():
        market.minutes(instrument, OPEN, 71)
    house.marks(account, OPEN, 72)
    asked = _trades(account, strategy, listed, now)
    viewer, operator, approver, other = _people(now)
    house.policy(now, list(market.STOCKS))
    house.request(account, operator, now - timedelta(minutes=14))
    house.processes(now)
    house.comparisons(account, now, MARKET_NOW.date())
    house.preflight(account, now)
    house.reports(account, now, MARKET_NOW.date())
    house.events(account, now, _told(asked))
    return Scene(account, strategy, listed, asked["denied"], asked["AAPL"], viewer, operator, approver, other)


def _trades(
    account: Account, strategy: Strategy, listed: dict[str, Instrument], now: datetime
) -> dict[str, OrderIntent]:
    def wanted(symbol: str, quantity: int, limit: str, clock: str) -> Wanted:
        hour, minute, second = map(int, clock.split(":"))
        # 10:41 in New York in May is 14:41 UTC.
        at = OPEN.replace(hour=hour + 4, minute=minute, second=second)
        return Wanted(account, strategy, listed[symbol], quantity, limit, at, now - (MARKET_NOW - at))

    aapl = hold(wanted("AAPL", 8, "586.10", "10:05:01"), "585.91")
    order(wanted("FB", 40, "27.04", "10:21:11"), OrderStatus.UNKNOWN)
    hold(wanted("GOOG", 3, "641.25", "10:24:00"), "641.10")
    hold(wanted("IBM", 14, "205.40", "10:31:02"), "205.36")
    order(wanted("MSFT", 50, "31.70", "10:33:10"), OrderStatus.REJECTED, reason="insufficient day trading buying power")
    order(wanted("GOOG", 2, "639.00", "10:35:00"), OrderStatus.CANCELED)
    denied = intent(
        wanted("FB", 40, "27.10", "10:38:00"), code="DUPLICATE_ORDER", sentence="the same order was sent 38 s ago"
    )
    hold(wanted("MSFT", 90, "31.92", "10:41:07"), "31.92", filled=61)
    filled = OrderIntent.objects.get(account=account, instrument=aapl.instrument)
    return {"AAPL": filled, "denied": denied}


def _people(now: datetime) -> tuple[User, User, User, User]:
    roles.grant_roles()
    viewer, operator = house.person("vera", roles.VIEWER), house.person("olga", roles.OPERATOR)
    approver, other = house.person("anna", roles.APPROVER), house.person("adam", roles.APPROVER)
    members = [people.Member("Vera Lind", viewer, False), people.Member("Olga Brandt", operator, False)]
    members += [people.Member("Anna Weiss", approver, True), people.Member("Adam Okoro", other, True)]
    people.found(members, by="seed", now=now - timedelta(days=30))
    return viewer, operator, approver, other


def _told(asked: dict[str, OrderIntent]) -> list[tuple[float, str, str, str]]:
    filled, denied = str(asked["AAPL"].pk), str(asked["denied"].pk)
    return [
        (2180, "order.filled", "AAPL 8 @ 585.91, slippage −0.03 %", filled),
        (1211, "order.unknown", "FB: no answer in 5 s, symbol blocked until known", ""),
        (620, "order.filled", "IBM 14 @ 205.36, slippage −0.02 %", ""),
        (360, "reconciliation.break_opened", "IBM: our books 14, broker 12, seen twice", ""),
        (202, "intent.denied", "FB buy 40 at 27.10: the same order was sent 38 s ago", denied),
        (62, "reconciliation.clean", "4 positions, 5 orders, cash: equal", ""),
        (15, "order.partially_filled", "MSFT 61 of 90 @ 31.92", ""),
    ]
