"""Alpaca in a few plain requests, for the halt that must work when nothing else does: no Django, no SDK, no budget."""

import http.client
import json
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlsplit

TIMEOUT = 5.0
"""Seconds for each step of an exchange."""

PAGE = 500


class Failed(Exception):
    """The broker could not be reached, or refused; the text says what it said. Keys are never in it."""


class BareBroker:
    """One account over one kept connection. Every call may be repeated: all of them only make the account safer."""

    def __init__(self, base_url: str, key: str, secret: str) -> None:
        parts = urlsplit(base_url)
        if parts.hostname is None:
            raise Failed(f"{base_url} is no address of a broker")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname, parts.port, timeout=TIMEOUT)
        self._headers = {"APCA-API-KEY-ID": key, "APCA-API-SECRET-KEY": secret}

    def account_number(self) -> str:
        """The number of the account that the keys open."""
        return str(self._object("GET", "/v2/account").get("account_number", ""))

    def cancel_all(self) -> list[str]:
        """Ask for every open order's cancel in one request; their ids."""
        return [str(line.get("id", "")) for line in self._list("DELETE", "/v2/orders")]

    def cancel(self, order_id: str) -> None:
        """Ask for one order's cancel. That it is gone already is no failure."""
        status, body = self._exchange("DELETE", f"/v2/orders/{quote(order_id, safe='')}")
        if status not in (204, 404, 422):
            raise Failed(_words(status, body))

    def open_orders(self) -> list[dict[str, Any]]:
        """Open orders, the newest 500 of them, legs listed beside their parents."""
        return self._list("GET", f"/v2/orders?status=open&limit={PAGE}&nested=false")

    def positions(self) -> dict[str, Decimal]:
        """Shares held by symbol; negative for a short position."""
        return {str(each["symbol"]): Decimal(str(each["qty"])) for each in self._list("GET", "/v2/positions")}

    def close_all(self) -> list[dict[str, Any]]:
        """Ask for every position to be closed at market, its orders canceled before; one line each."""
        return self._list("DELETE", "/v2/positions?cancel_orders=true")

    def suspend(self) -> None:
        """Block new orders at the broker."""
        answer = self._object("PATCH", "/v2/account/configurations", {"suspend_trade": True})
        if answer.get("suspend_trade") is not True:
            raise Failed("the account is not locked after it was asked for")

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    def _list(self, method: str, path: str) -> list[dict[str, Any]]:
        status, body = self._exchange(method, path)
        if status not in (200, 207) or not isinstance(body, list):
            raise Failed(_words(status, body))
        return [each for each in body if isinstance(each, dict)]

    def _object(self, method: str, path: str, told: dict[str, Any] | None = None) -> dict[str, Any]:
        status, body = self._exchange(method, path, told)
        if status != 200 or not isinstance(body, dict):
            raise Failed(_words(status, body))
        return body

    def _exchange(self, method: str, path: str, told: dict[str, Any] | None = None) -> tuple[int, Any]:
        sent = None if told is None else json.dumps(told)
        headers = self._headers if sent is None else {**self._headers, "Content-Type": "application/json"}
        for attempt in (1, 2):
            try:
                self._connection.request(method, path, body=sent, headers=headers)
                answer = self._connection.getresponse()
                text = answer.read()
                return answer.status, json.loads(text, parse_float=Decimal) if text else None
            except (OSError, http.client.HTTPException, ValueError) as problem:
                self._connection.close()
                # A kept connection may have been closed by the other side meanwhile: once more over a new one.
                if attempt == 2:
                    raise Failed(f"{method} {path.partition('?')[0]}: {type(problem).__name__}") from None
        raise AssertionError("unreachable")


def _words(status: int, body: Any) -> str:
    said = body.get("message") if isinstance(body, dict) else ""
    return f"the broker answered {status}" + (f": {said}" if said else "")
