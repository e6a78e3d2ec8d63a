"""What a fault on the menu is: where it strikes, on what, what can be set about it, and which control it tries."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Place(StrEnum):
    """Where in the venue a fault is asked for."""

    CALL = "call"
    """One REST call: before it is carried out, or on its answer."""
    ORDER = "order"
    """An order the exchange has been asked to take, replace, cancel or show."""
    EVENT = "event"
    """One line of the `trade_updates` stream."""
    HANDSHAKE = "handshake"
    """A stream that is being opened: `updates` or `data`."""
    PRICE = "price"
    """A figure of the market on its way out: `bars`, `quotes` or `trades`."""
    MINUTE = "minute"
    """Something that happens by itself once a minute has been told, on the account (or symbol) it names."""
    NIGHT = "night"
    """Something that happens by itself between a close and the next open."""


READS = frozenset(
    {"account", "activities", "assets", "bars", "calendar", "clock", "configuration", "history", "look_up",
     "order", "orders", "positions", "quotes", "snapshots", "trades"}
)  # fmt: skip
CHANGES = frozenset({"cancel", "cancel_all", "close", "close_all", "configure", "replace", "submit"})
GROUPS: Mapping[str, frozenset[str]] = {"read": READS, "change": CHANGES}
"""Words that stand for many kinds of call."""

EVENTS = frozenset(
    {"accepted", "pending_new", "new", "partial_fill", "fill", "pending_cancel", "canceled", "expired", "replaced",
     "restated", "rejected", "order_replace_rejected", "trade_bust", "trade_correct"}
)  # fmt: skip

KINDS: Mapping[Place, frozenset[str]] = {
    Place.CALL: READS | CHANGES,
    Place.ORDER: CHANGES | {"look_up", "order", "orders"},
    Place.EVENT: EVENTS,
    Place.HANDSHAKE: frozenset({"updates", "data"}),
    Place.PRICE: frozenset({"bars", "quotes", "trades"}),
    Place.MINUTE: frozenset({"minute"}),
    Place.NIGHT: frozenset({"night"}),
}
"""What `on` may name, by place."""


def meant(word: str, place: Place) -> frozenset[str]:
    """Return the kinds at a place that a word of `on` stands for; empty for a word that is none."""
    return GROUPS.get(word, frozenset({word})) & KINDS[place]


class Outcome(StrEnum):
    """What a call's fault leaves its client with."""

    NOTHING = "nothing"
    """No answer, or one that cannot be trusted: a change is UNKNOWN then."""
    LIMITED = "limited"
    REFUSED = "refused"
    ODD = "odd"
    """An answer that can be read and holds something strange."""
    LATE = "late"
    """The true answer, late."""


class BadSetting(ValueError):
    """A setting's value is of the wrong kind; the message says what is wanted."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that can be set about a fault. `read` takes what stands in the file and may raise `BadSetting`."""

    default: Any
    read: Callable[[Any], Any]
    meaning: str


@dataclass(frozen=True, slots=True)
class Known:
    """One fault of the menu. `controls` are the numbers of the fault matrix that it tries."""

    name: str
    place: Place
    controls: tuple[str, ...]
    says: str
    on: frozenset[str]
    """What it strikes unless told otherwise; never more than the place's kinds."""
    settings: Mapping[str, Setting] = field(default_factory=dict)
    outcome: Outcome | None = None
    """Of calls only."""
    accepts: bool = True
    """Of calls only: whether the call is carried out."""


def whole(least: int, most: int) -> Callable[[Any], int]:
    """Read a whole number within bounds, both included."""

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise BadSetting(f"must be a whole number from {least} to {most}")
        return value

    return read


def number(least: str, most: str) -> Callable[[Any], Decimal]:
    """Read a number within bounds, both included."""

    def read(value: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise BadSetting(f"must be a number from {least} to {most}")
        given = Decimal(value)
        if not (given.is_finite() and Decimal(least) <= given <= Decimal(most)):
            raise BadSetting(f"must be a number from {least} to {most}")
        return given

    return read


def seconds(most: int, least: int = 0) -> Callable[[Any], timedelta]:
    """Read a duration in seconds."""
    within = number(str(least), str(most))

    def read(value: Any) -> timedelta:
        return timedelta(microseconds=int(within(value) * 1_000_000))

    return read


def flag(value: Any) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise BadSetting("must be true or false")
    return value


def one_of(*allowed: str | int) -> Callable[[Any], Any]:
    """Read one of a few values."""

    def read(value: Any) -> Any:
        if isinstance(value, bool) or value not in allowed:
            raise BadSetting(f"must be one of {', '.join(map(str, allowed))}")
        return value

    return read
