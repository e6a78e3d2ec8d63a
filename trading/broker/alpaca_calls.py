"""One call to Alpaca: budget, breaker, the call itself, and what its failure says of the outcome.

| what came | a call that changes state | a read |
|---|---|---|
| 400 401 403 404 422 | `BrokerRejected` | `BrokerRejected` |
| 429 | `BrokerUnavailable`, and a stop sign for the account | the same |
| no byte was sent | `BrokerUnavailable` | `BrokerUnavailable` |
| anything else: time-out, reset, 3xx, 5xx, unreadable answer | `OutcomeUnknown` | `BrokerUnavailable` |
"""

import http.client
from collections.abc import Callable
from typing import Any

import requests
import urllib3
from alpaca.common.exceptions import APIError
from alpaca.common.rest import RESTClient

from trading.broker import alpaca_wire, wire_scalars
from trading.broker.alpaca_http import Transit
from trading.broker.breaker import Group
from trading.broker.budget import Urgency
from trading.broker.gateway import BrokerError, BrokerRejected, BrokerUnavailable, OutcomeUnknown
from trading.broker.safeguards import Safeguards

REFUSALS = frozenset({400, 401, 403, 404, 422})
"""Statuses that leave no order behind."""

TOO_MANY = 429

FAULTS = (
    APIError,
    wire_scalars.WireError,
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    ValueError,
)
"""What the SDK and everything under it were seen to raise; whatever else comes is a bug and is not hidden."""


class Caller:
    """Makes calls through one client, one at a time. Not for use by two threads."""

    def __init__(self, client: RESTClient, transit: Transit, safeguards: Safeguards) -> None:
        self._client, self._transit, self._safeguards = client, transit, safeguards

    def read[T](self, group: Group, path: str, parse: Callable[[Any], T], params: dict[str, Any] | None = None) -> T:
        """Read and parse. Raises `BrokerRejected` or `BrokerUnavailable`."""
        return self._call("GET", group, path, params, parse, Urgency.ORDINARY)

    def left(self, urgency: Urgency) -> int | None:
        """How many calls of that urgency the budget lets through at once now; None where nothing limits them."""
        return self._safeguards.left(urgency)

    def change[T](
        self,
        method: str,
        group: Group,
        path: str,
        parse: Callable[[Any], T],
        data: dict[str, Any] | None = None,
        *,
        urgency: Urgency = Urgency.ORDINARY,
    ) -> T:
        """Change state by one request, sent at most once, and parse the answer.

        Raises `BrokerRejected` and `BrokerUnavailable` (not done), or `OutcomeUnknown`.
        """
        return self._call(method, group, path, data, parse, urgency)

    def _call[T](
        self,
        method: str,
        group: Group,
        path: str,
        data: dict[str, Any] | None,
        parse: Callable[[Any], T],
        urgency: Urgency,
    ) -> T:
        self._safeguards.enter(group, urgency)
        self._transit.begin()
        try:
            parsed = parse(self._exchange(method, path, data))
        except FAULTS as problem:
            failure = self._failure(method, path, problem)
            if isinstance(failure, BrokerRejected) or self._transit.status == TOO_MANY:
                self._safeguards.answered(group, self._transit.headers)
            else:
                self._safeguards.failed(group, self._transit.headers)
            # The SDK's own errors carry the request and, in its headers, the keys: they end here.
            raise failure from None
        self._safeguards.answered(group, self._transit.headers)
        return parsed

    def _exchange(self, method: str, path: str, data: dict[str, Any] | None) -> Any:
        client = self._client
        send: dict[str, Callable[..., Any]] = {
            "GET": client.get, "POST": client.post, "PATCH": client.patch, "DELETE": client.delete,
        }  # fmt: skip
        answer = send[method](path, data)
        if not 200 <= self._transit.status < 300:
            raise wire_scalars.WireError(f"status {self._transit.status} is no answer")
        if method == "GET" and answer is None:
            # Read as an empty list, it would say that nothing is held and nothing is open.
            raise wire_scalars.WireError("an empty body is no answer")
        return answer

    def _failure(self, method: str, path: str, problem: Exception) -> BrokerError:
        status, call = self._transit.status, f"{method} {path}"
        if isinstance(problem, APIError) and status in REFUSALS:
            return refused(status, str(problem))
        if status == TOO_MANY:
            wait = self._safeguards.stop(self._transit.headers)
            return BrokerUnavailable(f"{call}: the broker's rate limit was reached (429); again in {wait:.0f} s")
        if isinstance(problem, APIError):
            what = f"{call}: the broker answered {status}"
        elif isinstance(problem, wire_scalars.WireError):
            what = f"{call}: the answer could not be read: {problem}"
        else:
            what = f"{call}: {_plain(problem)}"
        if method == "GET" or not self._transit.sent:
            return BrokerUnavailable(what)
        return OutcomeUnknown(what)


def refused(status: int, body: str) -> BrokerRejected:
    """Return the refusal an error body tells; whatever the body is, the status alone decides that it is one."""
    try:
        parsed = wire_scalars.decode(body)
    except wire_scalars.WireError:
        parsed = {}
    extra = parsed if isinstance(parsed, dict) else {}
    code = extra.get("code")
    reason = alpaca_wire.refusal(extra) or f"refused with status {status} and no reason"
    return BrokerRejected(
        reason,
        status=status,
        code=code if isinstance(code, int) else None,
        extra={name: value for name, value in extra.items() if name not in {"code", "message"}},
    )


def _plain(problem: Exception) -> str:
    """Name a transport fault without its request, which holds the keys."""
    match problem:
        case requests.ConnectTimeout():
            return "no connection within the time limit"
        case requests.Timeout():
            return "no answer within the time limit"
        case requests.ConnectionError():
            return "the connection failed or broke"
        case _:
            return f"the exchange failed ({type(problem).__name__})"
