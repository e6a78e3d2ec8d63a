"""What becomes of events on their way to a stream's listeners: told twice, late, spoiled, or not at all.

The same rules serve the websocket (rendered messages) and the in-process gateway (reports): a `Form` says how to read
and spoil one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from trading.venue.faults import answers
from trading.venue.faults.menu import Place
from trading.venue.faults.plan import Fault, Plan

UNKNOWN_EVENT = "brand_new_event"


type Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Form[T]:
    """How to read the word, symbol and order of an event, and how each spoiling fault changes it."""

    word: Callable[[T], str]
    symbol: Callable[[T], str]
    order: Callable[[T], str]
    spoil: Mapping[str, Callable[[T], T]]


@dataclass(slots=True)
class _Listeners[T]:
    """What is remembered of one account's stream."""

    held: list[T] = field(default_factory=list)
    """Events to be told after the next one."""
    lost: int | None = None
    """How many more events a mute stream swallows; None where it is not mute, below zero for all."""
    told: dict[str, list[T]] = field(default_factory=dict)
    """Events by order, kept only while a replay of them is planned."""


class Telling[T]:
    """Decides what is told of each event. `hang_up` closes the account's connections: with a code, and an error told
    first or not."""

    def __init__(self, plan: Plan, form: Form[T], hang_up: Callable[[str, int, bool], None]) -> None:
        self._plan = plan
        self._form = form
        self._hang_up = hang_up
        self._accounts: dict[str, _Listeners[T]] = {}
        self._handlers: Mapping[str, Callable[[Fault, str, T, _Listeners[T]], list[T]]] = {
            "duplicate_event": lambda fault, account, event, kept: [event, event],
            "dropped_event": lambda fault, account, event, kept: [],
            "replayed_events": self._replay,
            "reordered_event": self._hold,
            "mute_stream": self._mute,
            "dropped_stream": self._close,
            "stream_error": self._close,
        }
        self._lifted = 0

    def pass_on(self, account: str, event: T) -> list[T]:
        """Return what is to be told, in order."""
        if not self._plan.has(Place.EVENT) and not self._accounts:
            return [event]
        if self._plan.cleared != self._lifted:
            self._lift()
        kept = self._accounts.setdefault(account, _Listeners())
        if kept.lost:
            kept.lost -= 1
            return []
        kept.lost = None
        waiting, kept.held = kept.held, []
        return [*self._struck(account, event, kept), *waiting]

    def rest(self, account: str) -> list[T]:
        """Return events that were held back and nothing came after, so that none is lost by waiting."""
        kept = self._accounts.get(account)
        if kept is None:
            return []
        waiting, kept.held = kept.held, []
        return waiting

    def _struck(self, account: str, event: T, kept: _Listeners[T]) -> list[T]:
        form = self._form
        order = form.order(event)
        if any(entry.fault.name == "replayed_events" for entry in self._plan.entries):
            kept.told.setdefault(order, []).append(event)
        fault = self._plan.strike(Place.EVENT, form.word(event), account, (form.symbol(event),))
        if fault is None:
            return [event]
        handle = self._handlers.get(fault.name)
        return [form.spoil[fault.name](event)] if handle is None else handle(fault, account, event, kept)

    def _replay(self, fault: Fault, account: str, event: T, kept: _Listeners[T]) -> list[T]:
        return [event, *kept.told[self._form.order(event)]]

    def _hold(self, fault: Fault, account: str, event: T, kept: _Listeners[T]) -> list[T]:
        kept.held.append(event)
        return []

    def _mute(self, fault: Fault, account: str, event: T, kept: _Listeners[T]) -> list[T]:
        kept.lost = fault.set("events") - 1
        return []

    def _close(self, fault: Fault, account: str, event: T, kept: _Listeners[T]) -> list[T]:
        complaining = fault.name == "stream_error"
        self._hang_up(account, 1011 if complaining else fault.set("code"), complaining)
        return []

    def _lift(self) -> None:
        self._lifted = self._plan.cleared
        for kept in self._accounts.values():
            kept.lost = None


def _of_order(
    damage: Callable[[Mapping[str, Any]], dict[str, Any]],
) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
    return lambda update: {**update, "order": damage(update["order"])}


MESSAGES: Form[Any] = Form(
    word=lambda update: update["event"],
    symbol=lambda update: update["order"]["symbol"],
    order=lambda update: update["order"]["id"],
    spoil={
        "unknown_event": lambda update: {**update, "event": UNKNOWN_EVENT},
        "event_unknown_status": _of_order(answers.strange_status),
        "event_null_data": lambda update: None,
        "event_null_fields": lambda update: {**_of_order(answers.nulled)(update), "timestamp": None, "qty": None},
        "event_poison_text": _of_order(answers.poisoned),
    },
)
"""The rendered messages of the websocket."""
