"""The HTTP session under Alpaca's own clients: time limits on every call, no retries, exact numbers, and what was sent.

The SDK has no option for any of this, so its session is replaced here; nothing else in the house touches it.
"""

import io
import socket
import time
from collections.abc import Mapping
from http.client import HTTPResponse
from typing import Any

import requests
from alpaca.common.rest import RESTClient
from alpaca.data.historical import StockHistoricalDataClient
from alpaca.trading.client import TradingClient
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from trading.broker import credentials, wire_scalars

CONNECT_SECONDS, READ_SECONDS = 2.0, 5.0
ANSWER_SECONDS = 8.0
"""From the request's last byte to the answer's last: a peer that drips bytes renews the read time-out, not this."""

IDLE_SECONDS = 4.0
"""A kept connection idle for longer is not used again: a peer that closes it just then would make an order UNKNOWN."""


class Transit:
    """What is known of the call under way: whether a byte of it left, and what the answer's head said."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self.sent = False
        self.status = 0
        self.headers: Mapping[str, str] = {}
        self.deadline = time.monotonic() + CONNECT_SECONDS + ANSWER_SECONDS


class _Until(io.RawIOBase):
    """A socket's bytes, each read limited to what is left until the deadline."""

    def __init__(self, sock: socket.socket, raw: io.RawIOBase, transit: Transit) -> None:
        self._sock, self._raw, self._transit = sock, raw, transit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._transit.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"the answer was not complete within {ANSWER_SECONDS:.0f} s")
        self._sock.settimeout(min(left, READ_SECONDS))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TransitConnection(HTTPConnection):
    """A connection that notes when the first byte of a request leaves it."""

    transit: Transit
    idle_since: float = 0.0

    def connect(self) -> None:
        try:
            super().connect()
        finally:
            # A proxy's own handshake goes through `send` too, and is no part of the order.
            self.transit.sent = False

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is not None and time.monotonic() - self.idle_since > IDLE_SECONDS:
            self.close()
        super().request(*args, **kwargs)

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        self.transit.sent = True
        super().send(data)

    def getresponse(self) -> Any:
        self.idle_since = time.monotonic()
        self.transit.deadline = self.idle_since + ANSWER_SECONDS
        return super().getresponse()

    def response_class(  # type: ignore[override]
        self, sock: socket.socket, *args: Any, **kwargs: Any
    ) -> HTTPResponse:
        answer = HTTPResponse(sock, *args, **kwargs)
        answer.fp.close()
        answer.fp = io.BufferedReader(_Until(sock, sock.makefile("rb", buffering=0), self.transit))
        return answer


class _TransitTLSConnection(_TransitConnection, HTTPSConnection):
    """The same over TLS."""


class _ExactResponse(requests.Response):
    """An answer whose numbers stay what was written."""

    def json(self, **kwargs: Any) -> Any:
        return wire_scalars.decode(self.content)


class BoundedAdapter(HTTPAdapter):
    """Carries requests with this module's limits and tells `transit` what happened."""

    def __init__(self, transit: Transit) -> None:
        self.transit = transit
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)
        plain = type("_Plain", (_TransitConnection,), {"transit": transit})
        tls = type("_TLS", (_TransitTLSConnection,), {"transit": transit})
        pools = {
            "http": type("_PlainPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("_TLSPool", (HTTPSConnectionPool,), {"ConnectionCls": tls}),
        }
        self._pools = pools
        self.poolmanager.pool_classes_by_scheme = pools

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **proxy_kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = (CONNECT_SECONDS, READ_SECONDS)
        return super().send(request, *args, **kwargs)

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        response = super().build_response(req, resp)
        response.__class__ = _ExactResponse
        self.transit.status, self.transit.headers = response.status_code, response.headers
        return response


def trading_client(given: credentials.Credentials, transit: Transit) -> TradingClient:
    """Return Alpaca's trading client with this module's session under it."""
    client = TradingClient(
        given.key.reveal(), given.secret.reveal(), raw_data=True, url_override=given.base_url.rstrip("/")
    )
    _bound(client, given.base_url, transit)
    return client


def data_client(given: credentials.Credentials, transit: Transit) -> StockHistoricalDataClient:
    """Return Alpaca's stock data client with this module's session under it."""
    client = StockHistoricalDataClient(
        given.key.reveal(), given.secret.reveal(), raw_data=True, url_override=given.data_url.rstrip("/")
    )
    _bound(client, given.data_url, transit)
    return client


def close(client: RESTClient) -> None:
    """Give the client's connections back."""
    client._session.close()


def _bound(client: RESTClient, url: str, transit: Transit) -> None:
    """Replace what carries the client's requests. Raises `RuntimeError` where the SDK no longer looks as it must."""
    session = getattr(client, "_session", None)
    if not isinstance(session, requests.Session) or not hasattr(client, "_retry"):
        raise RuntimeError("alpaca-py has changed inside: its session cannot be given time limits; pin the version")
    client._retry = 0
    adapter = BoundedAdapter(transit)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    # On loopback a proxy of the environment would only be in the way (requests honours it even there).
    session.trust_env = not credentials.is_loopback(url)
