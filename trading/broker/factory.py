"""From an account number to its gateway and streams: the only module that knows the adapters by name.

Gateways are kept per process and thread, since a connection belongs to one of each; budgets and breakers are the
account's.
"""

import os
import threading
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings

from trading.broker import alpaca_wire, credentials, wire_scalars
from trading.broker.gateway import BrokerGateway, OrderReport
from trading.broker.market_stream import MarketStream
from trading.broker.updates import TradeUpdates

if TYPE_CHECKING:
    from trading.broker.safeguards import Shared
    from trading.broker.standing import Standing

ALPACA_PER_MINUTE = 200
"""What Alpaca allows an account at either host until its headers say otherwise."""

PRICES = ", prices"
"""Behind the host's name: prices have a limit of their own, at the simulated venue on the host of orders."""

_here = threading.local()
_lock = threading.Lock()
_generation = 0
_safeguards: "dict[tuple[int, str, str], Shared]" = {}


class NoSuchAccount(LookupError):
    """No keys are configured for this account number."""


def credentials_of(account_number: str) -> credentials.Credentials:
    """Return the account's checked credentials. Raises `NoSuchAccount` or `credentials.DoNotBelongTogether`."""
    given: credentials.Credentials | None = settings.BROKER_ACCOUNTS.get(account_number)
    if given is None:
        raise NoSuchAccount(
            f"no keys are configured for account {account_number}; set ALPACA_ACCOUNT_NUMBER or ALPACA_ACCOUNTS_FILE"
        )
    credentials.check(account_number, given)
    return given


def gateway_for(account_number: str) -> BrokerGateway:
    """Return this thread's gateway of an account, made on first use. Raises as `credentials_of` does."""
    kept = _kept()
    if account_number not in kept:
        kept[account_number] = another(account_number)
    return kept[account_number]


def another(account_number: str) -> BrokerGateway:
    """Return a gateway that the caller alone uses and closes; budgets and breakers are the account's as ever."""
    # Imported here: every process reaches for this module, and few of them talk to the broker.
    from trading.broker.alpaca import AlpacaGateway

    given = credentials_of(account_number)
    return AlpacaGateway(
        given,
        feed=settings.MARKET_DATA_FEED,
        trading=_safeguards_of(account_number, given.base_url),
        data=_safeguards_of(account_number, given.data_url, PRICES),
    )


def get_ready() -> None:
    """Import what a gateway needs, in the background: the first call of a process must not wait seconds for it."""
    threading.Thread(target=import_module, args=("trading.broker.alpaca",), name="get-ready", daemon=True).start()


def updates_for(account_number: str) -> TradeUpdates:
    """Return a new listener to the account's order updates; one at a time per account."""
    return TradeUpdates(credentials_of(account_number))


def read_update(body: object) -> OrderReport:
    """Read an order update again as it was kept. Raises ValueError where there is no order in it."""
    try:
        return alpaca_wire.update_report(body)
    except wire_scalars.WireError as problem:
        raise ValueError(str(problem)) from problem


def market_stream_for(account_number: str, symbols: Sequence[str], *, quotes: bool = False) -> MarketStream:
    """Return a new listener to the market through the account's keys."""
    return MarketStream(credentials_of(account_number), symbols, feed=settings.MARKET_DATA_FEED, quotes=quotes)


def standings(account_number: str) -> "tuple[Standing, ...]":
    """What budget and breakers of the account say now, for the hosts it trades at and hears prices from."""
    from trading.broker import standing

    given = credentials_of(account_number)
    places = ((given.base_url, ""), (given.data_url, PRICES))
    return tuple(standing.read(_host(url) + kind, _safeguards_of(account_number, url, kind)) for url, kind in places)


def forget() -> None:
    """Forget every thread's gateways (this thread's are closed now), and the process's budgets and breakers."""
    global _generation
    for gateway in _kept().values():
        gateway.close()
    with _lock:
        _generation += 1
        _safeguards.clear()


def _kept() -> dict[str, BrokerGateway]:
    # A forked worker inherits its parent's memory: two processes on one socket would read each other's answers.
    if getattr(_here, "of", None) != (os.getpid(), _generation):
        _here.of, _here.gateways = (os.getpid(), _generation), {}
    gateways: dict[str, BrokerGateway] = _here.gateways
    return gateways


def _host(url: str) -> str:
    return urlsplit(url).netloc


def _safeguards_of(account_number: str, url: str, kind: str = "") -> "Shared":
    from trading.broker.safeguards import Shared
    from trading.broker.shared_ledger import SharedLedger
    from trading.broker.shared_memory import SharedMemory

    host = _host(url) + kind
    per_minute = 0 if credentials.is_loopback(url) else ALPACA_PER_MINUTE
    memory = SharedMemory(settings.REDIS_URL, settings.CACHES["default"]["KEY_PREFIX"], f"{account_number}@{host}")
    with _lock:
        kept = _safeguards.get((os.getpid(), account_number, host))
        if kept is None:
            kept = Shared(per_minute, memory, SharedLedger(account_number, host, first_limit=per_minute))
            _safeguards[os.getpid(), account_number, host] = kept
        return kept
