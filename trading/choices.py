"""Order words shared by the record, the broker port and the pages, and the table of an order's legal moves.

Words follow the broker's spelling where it has one. *Denied* is ours and never reaches this table: a denied intent has
no order. *Rejected* is the broker's.
"""

from typing import TypedDict

from django.db.models import TextChoices


class Digits(TypedDict):
    """How wide a decimal column is."""

    max_digits: int
    decimal_places: int


MONEY: Digits = {"max_digits": 20, "decimal_places": 6}
"""Digits of every price and amount column, in USD."""

SHARES: Digits = {"max_digits": 20, "decimal_places": 9}
"""Digits of every quantity column, in shares; nine decimals is the finest the broker keeps."""


class Mode(TextChoices):
    """Which world an account, and everything recorded for it, belongs to."""

    PAPER = "paper", "paper"
    LIVE = "live", "live"


class Side(TextChoices):
    BUY = "buy", "buy"
    SELL = "sell", "sell"


class OrderType(TextChoices):
    MARKET = "market", "market"
    LIMIT = "limit", "limit"
    STOP = "stop", "stop"
    STOP_LIMIT = "stop_limit", "stop limit"
    TRAILING_STOP = "trailing_stop", "trailing stop"


class TimeInForce(TextChoices):
    DAY = "day", "day"
    GTC = "gtc", "good till canceled"
    OPG = "opg", "at the open"
    CLS = "cls", "at the close"
    IOC = "ioc", "immediate or cancel"
    FOK = "fok", "fill or kill"


class OrderClass(TextChoices):
    SIMPLE = "simple", "simple"
    BRACKET = "bracket", "bracket"
    OCO = "oco", "one cancels other"
    OTO = "oto", "one triggers other"


class Purpose(TextChoices):
    """Why an order exists: an entry adds exposure, every other that is sent reduces it."""

    ENTRY = "entry", "entry"
    EXIT = "exit", "exit"
    STOP = "stop", "protective stop"
    TARGET = "target", "take profit"
    FLATTEN = "flatten", "flatten"  # closing under a halt: the only order that H3 lets pass
    ADJUST = "adjust", "adjusting entry"  # never sent: books follow the broker, by two people


class OrderStatus(TextChoices):
    """Where an order stands, as far as we know it."""

    SUBMITTED = "submitted", "submitted"  # saved as sent with its intent, before the wire; the answer is not in
    UNKNOWN = "unknown", "unknown"  # sent, outcome not known: holds its exposure until evidence comes
    ACCEPTED = "accepted", "accepted"  # the broker has it working or queued
    HELD = "held", "held"  # a protective leg that waits for its entry
    PARTIALLY_FILLED = "partially_filled", "partly filled"
    PENDING_CANCEL = "pending_cancel", "cancel requested"
    PENDING_REPLACE = "pending_replace", "replace requested"
    FILLED = "filled", "filled"
    CANCELED = "canceled", "canceled"
    EXPIRED = "expired", "expired"
    REJECTED = "rejected", "rejected"
    REPLACED = "replaced", "replaced"
    WITHDRAWN = "withdrawn", "withdrawn"  # saved as sent, and certainly never left


_S = OrderStatus
_BROKER_WORKING = {_S.ACCEPTED, _S.HELD, _S.PARTIALLY_FILLED, _S.PENDING_CANCEL, _S.PENDING_REPLACE}
_BROKER_DONE = {_S.FILLED, _S.CANCELED, _S.EXPIRED, _S.REJECTED, _S.REPLACED}

TERMINAL = frozenset(_BROKER_DONE | {_S.WITHDRAWN})
"""States no order leaves, except by evidence that comes late (see LEGAL_MOVES)."""

UNRESOLVED = frozenset({_S.SUBMITTED, _S.UNKNOWN})
"""Sent, and the broker's answer is not known."""

WORKING = UNRESOLVED | _BROKER_WORKING
"""States that hold exposure."""

LEGAL_MOVES: dict[OrderStatus, frozenset[OrderStatus]] = {
    _S.SUBMITTED: frozenset({_S.UNKNOWN, _S.WITHDRAWN} | _BROKER_WORKING | _BROKER_DONE),
    # WITHDRAWN only on evidence that the broker never had it.
    _S.UNKNOWN: frozenset({_S.WITHDRAWN} | _BROKER_WORKING | _BROKER_DONE),
    _S.ACCEPTED: frozenset((_BROKER_WORKING | _BROKER_DONE) - {_S.ACCEPTED}),
    _S.HELD: frozenset((_BROKER_WORKING | _BROKER_DONE) - {_S.HELD}),
    # A queued report may say accepted after a fill was heard: that is late news and moves nothing back.
    _S.PARTIALLY_FILLED: frozenset({_S.PENDING_CANCEL, _S.PENDING_REPLACE} | _BROKER_DONE),
    _S.PENDING_CANCEL: frozenset({_S.ACCEPTED, _S.PARTIALLY_FILLED} | _BROKER_DONE),
    _S.PENDING_REPLACE: frozenset({_S.ACCEPTED, _S.PARTIALLY_FILLED, _S.PENDING_CANCEL} | _BROKER_DONE),
    # A cancel, expiry or replacement may be overtaken by the fill that raced it, and a refusal by one that contradicts
    # it; the fill is the truth. Filled in part, an ended order stays what it is, for nothing of it works any more: the
    # filled quantity beside the word tells the part.
    _S.CANCELED: frozenset({_S.FILLED}),
    _S.EXPIRED: frozenset({_S.FILLED}),
    _S.REPLACED: frozenset({_S.FILLED}),
    _S.REJECTED: frozenset({_S.FILLED}),
    _S.FILLED: frozenset(),
    # Taken for never sent, and seen at the broker after all: what is seen is true.
    _S.WITHDRAWN: frozenset(_BROKER_WORKING | _BROKER_DONE),
}
"""From each state, the states an order may move to. A database trigger holds the same table."""


class Timeframe(TextChoices):
    MINUTE = "1Min", "one minute"
    DAY = "1Day", "one day"
