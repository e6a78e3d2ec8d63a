"""Every call of the desk to its broker goes through here: told, judged, and what happens meanwhile happens."""

from collections.abc import Callable
from typing import Any, Protocol

from trading.broker.gateway import BrokerGateway

CALLS = frozenset(
    {"account", "suspend", "shorting_allowed", "forbid_shorting", "submit", "replace", "cancel", "cancel_all",
     "close_position", "order", "order_by_client_id", "open_orders", "orders_since", "fills_since", "positions",
     "clock", "calendar", "asset", "bars", "quotes"}
)  # fmt: skip


class Around(Protocol):
    """What a world does around a call."""

    def call(self, number: str, kind: str, arguments: tuple[Any, ...], do: Callable[[], Any]) -> Any: ...


class Wire:
    """A gateway whose every call passes through its world."""

    def __init__(self, world: Around, gateway: BrokerGateway) -> None:
        self.account_number = gateway.account_number
        self.behind = gateway
        self._world = world

    def __getattr__(self, name: str) -> Any:
        real = getattr(self.behind, name)
        if name not in CALLS:
            return real

        def call(*arguments: Any, **named: Any) -> Any:
            return self._world.call(self.account_number, name, arguments, lambda: real(*arguments, **named))

        return call
