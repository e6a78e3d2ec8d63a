"""Alpaca's stream clients in a thread, with what they hear in a queue that a test can wait on."""

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from alpaca.data.live import StockDataStream
from alpaca.trading.stream import TradingStream

from tests.venue import RunningVenue

PATIENCE = 10


class Heard:
    """What a stream client handed to its handler, in order."""

    def __init__(self) -> None:
        self._messages: queue.Queue[Any] = queue.Queue()

    async def handle(self, message: Any) -> None:
        self._messages.put(message)

    def next(self) -> Any:
        """The next message; fails the test where none comes."""
        return self._messages.get(timeout=PATIENCE)

    def take(self, count: int) -> list[Any]:
        """The next so many messages."""
        return [self.next() for _ in range(count)]

    def rest(self) -> list[Any]:
        """What has been heard and not yet been taken."""
        return [self._messages.get_nowait() for _ in range(self._messages.qsize())]


@contextlib.contextmanager
def trade_updates(venue: RunningVenue, *, key: str = "PKTEST", secret: str = "secret") -> Iterator[Heard]:
    """Alpaca's TradingStream, listening."""
    heard = Heard()
    stream = TradingStream(key, secret, url_override=venue.stream_url)
    stream.subscribe_trade_updates(heard.handle)
    number = venue.venue.keys.account_of(_pair(key, secret)) or ""
    before = venue.call(lambda: venue.venue.trade_updates.listening(number))
    with _running(stream):
        until(lambda: venue.call(lambda: venue.venue.trade_updates.listening(number)) > before)
        yield heard
        venue.call(venue.venue.trade_updates.close)


@contextlib.contextmanager
def market_data(venue: RunningVenue, *symbols: str, channel: str = "bars", url: str | None = None) -> Iterator[Heard]:
    """Alpaca's StockDataStream, subscribed to one channel."""
    heard = Heard()
    stream = StockDataStream("PKTEST", "secret", url_override=url or venue.data_stream_url)
    {
        "bars": stream.subscribe_bars,
        "quotes": stream.subscribe_quotes,
        "trades": stream.subscribe_trades,
        "dailyBars": stream.subscribe_daily_bars,
    }[channel](heard.handle, *symbols)
    before = venue.call(lambda: venue.venue.market_data.subscribers(channel))
    with _running(stream):
        until(lambda: venue.call(lambda: venue.venue.market_data.subscribers(channel)) > before)
        yield heard
        venue.call(venue.venue.market_data.close)


def until(condition: Callable[[], bool]) -> None:
    """Ask again until something is so; fails the test where it never is."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "what was waited for did not come about"
        time.sleep(0.01)


@contextlib.contextmanager
def _running(stream: Any) -> Iterator[None]:
    thread = threading.Thread(target=stream.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stream.stop()
        thread.join(PATIENCE)
        assert not thread.is_alive(), "the stream client did not end"


def _pair(key: str, secret: str) -> Any:
    from trading.venue.auth import KeyPair

    return KeyPair(key, secret)
