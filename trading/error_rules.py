"""What every fault means and what is done about it: one table, applied by the code that meets the fault.

`docs/errors.md` is written from it by `trading.errors_doc`. Delays are seconds. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto

FIRST_ASK, ASKS_DOUBLED = 2.0, 5
"""A sent order without an answer is asked for after this, and after twice as long, so many times."""

NO_PROOF_WITHIN, ASKED_BEFORE = 60.0, 4
"""A 404 proves nothing so soon after the send, nor before so many earlier ones."""

HESITATION = 1.0
"""Longest pause between the last look at the halt latch and the wire."""

TRIPS_AFTER, TRIPS_WITHIN = 5, 60.0
"""Failures in a row that open a breaker, and how close together."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Until an open breaker's first probe, doubled after each that fails, and the limit."""

BACK_OFF, LONGEST_STOP = 30.0, 60.0
"""Wait after a 429 that names no time, and after any."""

LEFT_ALONE = 5.0
"""How long Redis, or the database of the budget, is not asked after it did not answer."""

RECONNECT_FIRST, RECONNECT_LONGEST, CROWDED = 1.0, 30.0, 90.0
"""Between two tries of a stream, and after a connection-limit answer."""

SILENCE = 15.0
"""A stream that says nothing for so long is compared with REST."""


class Outcome(StrEnum):
    """What is known of a call; the first three are the port's three failures."""

    REJECTED = "refused: nothing was done"
    UNAVAILABLE = "certainly not done"
    UNKNOWN = "not known whether it was done"
    EXISTS = "done: the order exists"
    NONE = "–"
    """The fault is none of a call's."""


class Fault(StrEnum):
    """Every fault that has a rule."""

    NOT_SENT = auto()
    REFUSED = auto()
    DUPLICATE_ID = auto()
    NOT_REPLACEABLE = auto()
    NOT_FOUND = auto()
    RATE_LIMIT = auto()
    SERVER = auto()
    TIME_OUT = auto()
    BROKEN_OFF = auto()
    UNREADABLE = auto()
    BUDGET_SPENT = auto()
    BREAKER_OPEN = auto()
    LATE = auto()
    CROWDED_STREAM = auto()
    LOST_STREAM = auto()
    MUTE_STREAM = auto()
    POISON = auto()
    REDIS_GONE = auto()
    DATABASE_GONE = auto()
    REDELIVERED = auto()


@dataclass(frozen=True, slots=True)
class Rule:
    """One fault. `on_change`: of a call that changes state; `on_read`: of one that only reads.

    `trips`: it counts against the endpoint group's breaker; `stops`: it is a stop sign for the whole account.
    """

    title: str
    met: str
    on_change: Outcome
    on_read: Outcome
    retried: str
    never: str
    halts: str = "–"
    statuses: frozenset[int] = frozenset()
    says: str = ""
    trips: bool = False
    stops: bool = False


_LOOKED_UP = (
    f"the order is asked for by client id after {FIRST_ASK:.0f} s, then doubled up to"
    f" {FIRST_ASK * 2**ASKS_DOUBLED:.0f} s, and {NO_PROOF_WITHIN:.0f} s after the send, by each pass and heal; the"
    " stream, fills and reconciliation may settle it sooner"
)
_UNRESOLVED = (
    "its symbol takes no entry; `unresolved_seconds` without an outcome, or `errors_burst`, halts entries (H1)"
)
_READ_AGAIN = "the pass stays open and is taken up by the next tick, 5 s later"


def _unclear(title: str) -> Rule:
    """The rule of whatever leaves a call's outcome open."""
    return Rule(
        title,
        "any call to the broker",
        Outcome.UNKNOWN,
        Outcome.UNAVAILABLE,
        f"{_LOOKED_UP}; a read: {_READ_AGAIN}",
        "the order",
        _UNRESOLVED,
        trips=True,
    )


RULES: Mapping[Fault, Rule] = {
    Fault.NOT_SENT: Rule(
        "No byte was sent (refused, no route, no name, no handshake)",
        "any call to the broker",
        Outcome.UNAVAILABLE,
        Outcome.UNAVAILABLE,
        f"the intent ends as WITHDRAWN and the next bar decides anew; {_READ_AGAIN}",
        "the same order",
        "`errors_burst` halts entries (H1)",
        trips=True,
    ),
    Fault.REFUSED: Rule(
        "Status 400, 401, 403, 404, 422 (insufficient funds or shares, wash trade, bad field, wrong keys)",
        "any call to the broker",
        Outcome.REJECTED,
        Outcome.REJECTED,
        "nothing; the order ends as REJECTED with the broker's own sentence",
        "the call: the broker has answered",
        "`rejects_burst` halts entries (H1)",
        statuses=frozenset({400, 401, 403, 404, 422}),
    ),
    Fault.DUPLICATE_ID: Rule(
        "Status 422, “client_order_id must be unique”",
        "sending or replacing an order",
        Outcome.EXISTS,
        Outcome.REJECTED,
        "it is looked up by client id at once and adopted; where it is not shown yet the order is UNKNOWN",
        "the order, under this id or another",
        _UNRESOLVED,
        statuses=frozenset({422}),
        says="client_order_id must be unique",
    ),
    Fault.NOT_REPLACEABLE: Rule(
        "Status 422, “unable to replace order”",
        "replacing an order",
        Outcome.UNKNOWN,
        Outcome.REJECTED,
        "both ids are read at once: such refusals were seen of replacements that took effect",
        "the replacement",
        _UNRESOLVED,
        statuses=frozenset({422}),
        says="unable to replace order",
    ),
    Fault.NOT_FOUND: Rule(
        "Status 404 for an order we sent",
        "looking up an order without an answer",
        Outcome.REJECTED,
        Outcome.NONE,
        f"{_LOOKED_UP}. No proof within {NO_PROOF_WITHIN:.0f} s of the send, nor before {ASKED_BEFORE} earlier ones;"
        " then WITHDRAWN, and a later report still revives it",
        "the order",
        _UNRESOLVED,
        statuses=frozenset({404}),
    ),
    Fault.RATE_LIMIT: Rule(
        "Status 429",
        "any call to the broker",
        Outcome.UNAVAILABLE,
        Outcome.UNAVAILABLE,
        f"no process sends before Retry-After, else X-RateLimit-Reset, else {BACK_OFF:.0f} s"
        f" (at most {LONGEST_STOP:.0f} s) is over; one urgent call a second tries meanwhile",
        "the same order",
        "`errors_burst` halts entries (H1)",
        statuses=frozenset({429}),
        stops=True,
    ),
    Fault.SERVER: _unclear("Status 5xx (504 too), 3xx or any other"),
    Fault.TIME_OUT: _unclear("No answer in time, or an answer that drips"),
    Fault.BROKEN_OFF: _unclear("The connection was reset or closed after a byte was sent"),
    Fault.UNREADABLE: _unclear("An answer that cannot be read (HTML, empty, cut, of another order)"),
    Fault.BUDGET_SPENT: Rule(
        "Our own request budget has no room",
        "before any call; cancels and halts have half of it to themselves",
        Outcome.UNAVAILABLE,
        Outcome.UNAVAILABLE,
        f"when the bucket or the broker's window has room again; {_READ_AGAIN}",
        "the same order",
    ),
    Fault.BREAKER_OPEN: Rule(
        f"{TRIPS_AFTER} failures in a row within {TRIPS_WITHIN:.0f} s in one group of endpoints",
        "before any call but cancels, closes and the lock of the account",
        Outcome.UNAVAILABLE,
        Outcome.UNAVAILABLE,
        f"one probe over all processes after {FIRST_PAUSE:.0f} s, doubled up to {LONGEST_PAUSE:.0f} s;"
        " any answer closes it",
        "the same order",
    ),
    Fault.LATE: Rule(
        f"More than {HESITATION:.0f} s between the last look at the halt latch and the wire",
        "before an order is sent",
        Outcome.UNAVAILABLE,
        Outcome.NONE,
        "the intent ends as WITHDRAWN and the next bar decides anew",
        "the same order",
    ),
    Fault.CROWDED_STREAM: Rule(
        "Stream: connection limit (406, or 429 at the handshake)",
        "both websockets",
        Outcome.NONE,
        Outcome.NONE,
        f"the stream's process connects again after {CROWDED:.0f} s, then heals by REST",
        "a second connection beside it: one owner per account",
        "entries, while fills cannot be heard",
        statuses=frozenset({406, 429}),
    ),
    Fault.LOST_STREAM: Rule(
        "Stream: closed, refused, no admission in time",
        "both websockets",
        Outcome.NONE,
        Outcome.NONE,
        f"the stream's process connects again after {RECONNECT_FIRST:.0f} to {RECONNECT_LONGEST:.0f} s"
        " with jitter, then heals by REST",
        "–",
        "entries, while fills cannot be heard; a stream without sign of life for 60 s: H1",
    ),
    Fault.MUTE_STREAM: Rule(
        f"Stream: connected, and silent for {SILENCE:.0f} s",
        "both websockets",
        Outcome.NONE,
        Outcome.NONE,
        "orders and fills are compared by REST",
        "–",
    ),
    Fault.POISON: Rule(
        "Stream: a message that cannot be read or applied",
        "the order stream's inbox",
        Outcome.NONE,
        Outcome.NONE,
        "it is kept, told of and passed over; a heal by REST tells the same",
        "the message",
    ),
    Fault.REDIS_GONE: Rule(
        "Redis gone, frozen or emptied",
        "before a call at a broker with limits; the queue",
        Outcome.NONE,
        Outcome.NONE,
        f"calls are granted by the database one by one, and Redis is left alone for {LEFT_ALONE:.0f} s;"
        " tasks wait until it is back",
        "a call that was granted before: it is lost, not given twice",
        "a worker or beat without sign of life for 60 s: H1",
    ),
    Fault.DATABASE_GONE: Rule(
        "The database gone or frozen",
        "everywhere",
        Outcome.UNAVAILABLE,
        Outcome.NONE,
        "the pass fails and is taken up again; recovery then asks for all that was sent before anything new goes out",
        "an order whose SUBMITTED was not committed: it never left. With Redis gone too only urgent calls pass, few a"
        " minute",
        "entries: no readable latch, no order. `manage.py halt --direct` needs no database",
    ),
    Fault.REDELIVERED: Rule(
        "A task delivered twice, or again after a worker died",
        "the queue",
        Outcome.NONE,
        Outcome.NONE,
        "it runs again and finds what is done: one pass per bar, one sender per order, one lease per account",
        "an order in SUBMITTED or UNKNOWN",
    ),
}


def of_answer(status: int, *, read: bool) -> Fault:
    """The fault an HTTP status tells. A refusal counts only where its answer was `read` to the end."""
    if status in RULES[Fault.RATE_LIMIT].statuses:
        return Fault.RATE_LIMIT
    return Fault.REFUSED if read and status in RULES[Fault.REFUSED].statuses else Fault.SERVER


def of_refusal(status: int, reason: str) -> Fault:
    """What a refusal of an order means beyond its status; REFUSED where nothing."""
    for fault in (Fault.DUPLICATE_ID, Fault.NOT_REPLACEABLE):
        rule = RULES[fault]
        if status in rule.statuses and rule.says in reason:
            return fault
    return Fault.REFUSED


def outcome(fault: Fault, *, changes: bool) -> Outcome:
    """What is known of a call that met the fault; `changes`: it was to change something at the broker."""
    return RULES[fault].on_change if changes else RULES[fault].on_read
