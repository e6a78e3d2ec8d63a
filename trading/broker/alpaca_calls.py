"""One call to Alpaca: leave to make it, the call itself, and what its failure says by `trading.error_rules`."""

import http.client
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import requests
import urllib3
from alpaca.common.exceptions import APIError
from alpaca.common.rest import RESTClient

from trading import error_rules
from trading.broker import alpaca_wire, wire_scalars
from trading.broker.alpaca_http import Transit
from trading.broker.breaker import Group
from trading.broker.budget import Urgency
from trading.broker.gateway import BrokerError, BrokerRejected, BrokerUnavailable, OutcomeUnknown
from trading.broker.safeguards import Safeguards
from trading.error_rules import Fault, Outcome

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
        self._least = Urgency.ORDINARY

    def read[T](self, group: Group, path: str, parse: Callable[[Any], T], params: dict[str, Any] | None = None) -> T:
        """Read and parse. Raises `BrokerRejected` or `BrokerUnavailable`."""
        return self._call("GET", group, path, params, parse, Urgency.ORDINARY)

    @contextmanager
    def urgently(self) -> Iterator[None]:
        """A block in which every call is urgent."""
        before, self._least = self._least, Urgency.URGENT
        try:
            yield
        finally:
            self._least = before

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
        self._safeguards.enter(group, max(urgency, self._least))
        self._transit.begin()
        try:
            parsed = parse(self._exchange(method, path, data))
        except FAULTS as problem:
            fault = self._fault(problem)
            failure = self._failure(fault, method, path, problem)
            told = self._safeguards.failed if error_rules.RULES[fault].trips else self._safeguards.answered
            told(group, self._transit.headers)
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

    def _fault(self, problem: Exception) -> Fault:
        status = self._transit.status
        match problem:
            case _ if not self._transit.sent:
                return Fault.NOT_SENT
            case APIError():
                return error_rules.of_answer(status, read=True)
            case _ if status and not 200 <= status < 300:
                return error_rules.of_answer(status, read=False)
            case requests.Timeout() | TimeoutError():
                return Fault.TIME_OUT
            case ValueError() | wire_scalars.WireError():
                return Fault.UNREADABLE
            case _:
                return Fault.BROKEN_OFF

    def _failure(self, fault: Fault, method: str, path: str, problem: Exception) -> BrokerError:
        call = f"{method} {path}"
        if error_rules.RULES[fault].stops:
            wait = self._safeguards.stop(self._transit.headers)
            what = f"{call}: the broker's rate limit was reached (429); again in {wait:.0f} s"
        elif isinstance(problem, APIError):
            what = f"{call}: the broker answered {self._transit.status}"
        elif isinstance(problem, wire_scalars.WireError):
            what = f"{call}: the answer could not be read: {problem}"
        else:
            what = f"{call}: {_plain(problem)}"
        match error_rules.outcome(fault, changes=method != "GET"):
            case Outcome.REJECTED:
                return refused(self._transit.status, str(problem))
            case Outcome.UNKNOWN:
                return OutcomeUnknown(what)
            case _:
                return BrokerUnavailable(what)


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
