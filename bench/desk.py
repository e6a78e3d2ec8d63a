"""One account at a venue process with its books: resting entries and protected positions, as a session leaves them."""

import json
import os
import queue
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection
from django.test import override_settings

from config.env.accounts import BrokerAccount
from config.env.secret import Secret
from risk import limits
from tests import databases
from trading.broker import factory
from trading.choices import OrderClass, OrderStatus, OrderType, Purpose, Side, TimeInForce
from trading.models import Account, AccountState, Instrument, Order, OrderIntent, Position

ROOT = Path(__file__).resolve().parents[1]
SYMBOLS = 200
LONG_AGO = timedelta(seconds=10)
"""Since the sending: so long that an order without an answer is asked about."""


class Process:
    """A helper that answers lines; what it says unasked is kept in `told`."""

    def __init__(self, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        self.told: queue.Queue[dict[str, Any]] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.told.put(json.loads(line))

    def ask(self, **what: Any) -> Any:
        self.say(**what)
        return self.told.get(timeout=300)

    def forget(self) -> None:
        """Put aside what was told so far."""
        while not self.told.empty():
            self.told.get_nowait()

    def seen(self, line: str) -> float:
        """The monotonic instant, which all processes of a machine share, at which the proxy saw this request pass."""
        while True:
            told = self.told.get(timeout=10)
            if told["line"] == line:
                return float(told["at"])

    def say(self, **what: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)


@dataclass
class Desk:
    """The account, its venue and the proxy before it."""

    account: Account
    venue: Process
    wire: Process
    keys: BrokerAccount
    market_now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def refresh(self) -> None:
        """An empty desk three minutes later: rows are put back, and what rested is out of the next list's reach."""
        databases.restore(os.environ["DATABASE_OWNER_URL"])
        self.market_now = datetime.fromisoformat(self.venue.ask(do="step", times=3))
        self.account = account_row(self.keys.number, self.market_now)
        instrument_rows()
        self.wire.forget()

    def rest(self, count: int, *, answered: bool = True) -> None:
        """So many entries at the venue and in the books; those not `answered` are UNKNOWN there."""
        told = self.venue.ask(do="rest", count=count // 2)
        # Not all at one instant of the venue's clock: a list of more of them than a page holds is walked by instants.
        self.market_now = datetime.fromisoformat(self.venue.ask(do="step", times=1))
        told += self.venue.ask(do="rest", count=count - count // 2)
        asked: dict[str, Any] = {
            "purpose": Purpose.ENTRY,
            "side": Side.BUY,
            "limit": Decimal(90),
            "order_class": OrderClass.SIMPLE,
        }
        _book(self, told, answered=answered, **asked)

    def buy(self, count: int) -> None:
        """So many marketable entries of 100 shares, of whose fills our books hear nothing."""
        told = self.venue.ask(do="buy", count=count)
        asked: dict[str, Any] = {
            "purpose": Purpose.ENTRY,
            "side": Side.BUY,
            "limit": Decimal(101),
            "order_class": OrderClass.SIMPLE,
        }
        _book(self, told, quantity=100, **asked)

    def hold(self, count: int) -> None:
        """So many positions under a stop and a target."""
        told = self.venue.ask(do="hold", count=count)
        self.market_now = datetime.fromisoformat(self.venue.ask(do="step", times=0))
        AccountState.objects.filter(account=self.account).update(ledger_opened_at=self.market_now)
        found = {row.symbol: row for row in Instrument.objects.all()}
        now = datetime.now(UTC)
        Position.objects.bulk_create(
            Position(
                account=self.account, mode="paper", instrument=found[each["symbol"]], quantity=10, average_price=100,
                updated_at=now,
            )
            for each in told
        )  # fmt: skip
        roots = _book(self, told, purpose=Purpose.EXIT, side=Side.SELL, limit=Decimal(104), order_class=OrderClass.OCO)
        legs = [(root, leg) for root, each in zip(roots, told, strict=True) for leg in each["legs"]]
        Order.objects.bulk_create(
            Order(
                intent=root.intent, parent=root, account=self.account, mode="paper", instrument=root.instrument,
                purpose=Purpose.STOP, side=Side.SELL, quantity=10, type=OrderType.STOP, stop_price=Decimal(98),
                time_in_force=TimeInForce.GTC, order_class=OrderClass.OCO, client_order_id=leg["client_id"],
                broker_order_id=leg["id"], status=OrderStatus.HELD, session_date=root.session_date, created_at=now,
                submitted_at=now,
            )
            for root, leg in legs
        )  # fmt: skip


@contextmanager
def desk(*, limit: int = 0, delay: float = 0.0, volume: int = 100_000) -> Iterator[Desk]:
    """A desk whose venue allows `limit` requests a minute (0: any number), `delay` seconds away one way.

    `volume`: shares of each symbol that change hands in a minute; a tenth of them fills our orders.
    """
    with ExitStack() as stack:
        venue = Process("bench.venue_process", str(SYMBOLS), str(limit), str(volume), "1")
        stack.callback(venue.close)
        opened = venue.told.get(timeout=60)
        wire = Process("bench.wire", str(opened["port"]), str(delay))
        stack.callback(wire.close)
        url = f"http://127.0.0.1:{wire.told.get(timeout=60)['port']}"
        keys = keys_of(opened["accounts"][0], url)
        stack.enter_context(override_settings(BROKER_ACCOUNTS={keys.number: keys}, ALLOWED_HOSTS=["*"]))
        factory.forget()
        stack.callback(factory.forget)
        made = Desk(Account(number=keys.number), venue, wire, keys)
        made.refresh()
        # A process that halts has looked at the account before: what is measured is the halt, not Python's imports.
        factory.gateway_for(keys.number).account()
        yield made
        connection.close()


def keys_of(opened: dict[str, str], url: str) -> BrokerAccount:
    """What opens an account of a venue process."""
    streams = url.replace("http", "ws")
    key, secret = Secret(opened["key"]), Secret(opened["secret"])
    return BrokerAccount(opened["number"], "paper", key, secret, url, url, f"{streams}/stream", streams)


def account_row(number: str, market_now: datetime) -> Account:
    now = datetime.now(UTC)
    account = Account.objects.create(number=number, name="bench", mode="paper", created_at=now)
    figures = dict.fromkeys(("cash", "equity", "last_equity", "buying_power", "ledger_cash", "peak_equity"), 10**8)
    AccountState.objects.create(
        account=account, figures_at=now, pinned_number=number, status="ACTIVE", shorting_enabled=False,
        ledger_opened_at=market_now, heard_at=market_now, **figures,
    )  # fmt: skip
    return account


def instrument_rows(count: int = SYMBOLS) -> None:
    now = datetime.now(UTC)
    Instrument.objects.bulk_create(
        Instrument(
            symbol=f"S{number:03d}", tradable=True, leveraged=False, sector=f"sector {number % 10}", checked_at=now
        )
        for number in range(count)
    )
    limits.install_policy(by="bench", now=now, symbols=[f"S{number:03d}" for number in range(count)])


def _book(
    desk: Desk, told: list[dict[str, Any]], *, purpose: Any, side: Any, limit: Any, order_class: Any,
    quantity: int = 10, answered: bool = True,
) -> list[Order]:  # fmt: skip
    """Rows as they stand after the sending, or after one whose answer was lost."""
    found = {row.symbol: row for row in Instrument.objects.all()}
    now = datetime.now(UTC)
    common: dict[str, Any] = {
        "account": desk.account, "mode": "paper", "purpose": purpose, "side": side, "quantity": Decimal(quantity),
        "type": OrderType.LIMIT, "time_in_force": TimeInForce.DAY, "order_class": order_class, "limit_price": limit,
        "session_date": desk.market_now.date(), "created_at": now,
    }  # fmt: skip
    intents = [
        OrderIntent(
            id=uuid.UUID(each["client_id"]), instrument=found[each["symbol"]], approved=True, by="bench",
            decided_at=desk.market_now - timedelta(seconds=1), reference_price=Decimal(100), **common,
        )
        for each in told
    ]  # fmt: skip
    OrderIntent.objects.bulk_create(intents)
    return Order.objects.bulk_create(
        Order(
            intent=intent, instrument=intent.instrument, client_order_id=each["client_id"],
            broker_order_id=each["id"] if answered else None, answered_at=now if answered else None,
            status=OrderStatus.ACCEPTED if answered else OrderStatus.UNKNOWN, submitted_at=now - LONG_AGO, **common,
        )
        for intent, each in zip(intents, told, strict=True)
    )  # fmt: skip
