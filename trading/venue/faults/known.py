"""The menu: every fault this venue can have, with the fault matrix's number and a sentence each."""

from collections.abc import Mapping, Set
from datetime import timedelta
from decimal import Decimal

from trading.venue.faults.menu import (
    CHANGES,
    EVENTS,
    KINDS,
    READS,
    Known,
    Outcome,
    Place,
    Setting,
    flag,
    number,
    one_of,
    seconds,
    whole,
)

_LONG = 3600
_NOBODY = Setting(
    timedelta(seconds=30), seconds(_LONG), "seconds until the connection is given up; a client waits less"
)
_STATUS = Setting(503, one_of(500, 502, 503, 504), "500, 502, 503 or 504")
_BODY = Setting("json", one_of("json", "html", "empty"), "what the error's body is: json, html or empty")
_MINUTES = Setting(1, whole(0, 100_000), "minutes until the cancel is done; 0 for never")
_CLOSING = Setting(1011, one_of(1000, 1001, 1011), "close code: 1000, 1001 or 1011")
_FILLS = frozenset({"partial_fill", "fill"})
_ORDERS = frozenset({"submit", "replace", "order", "look_up", "orders"})

type _Settings = dict[str, Setting]
type _Rows = tuple[tuple[str, str, Set[str], str, _Settings], ...]

_CALLS: tuple[tuple[str, str, Outcome, bool, Set[str], str, _Settings], ...] = (
    ("timeout_before_accept", "F31", Outcome.NOTHING, False, READS | CHANGES,
     "The call arrives, nothing is done, and no answer ever comes.", {"seconds": _NOBODY}),
    ("timeout_after_accept", "F04", Outcome.NOTHING, True, CHANGES,
     "The call is carried out, and no answer ever comes.", {"seconds": _NOBODY}),
    ("reset_before_accept", "F30", Outcome.NOTHING, False, READS | CHANGES,
     "The connection is reset before anything is done.", {}),
    ("reset_after_accept", "F03 F04", Outcome.NOTHING, True, CHANGES,
     "The call is carried out, and the connection is reset instead of an answer.", {}),
    ("rate_limited", "F14", Outcome.LIMITED, False, READS | CHANGES,
     "429, nothing is done.",
     {"headers": Setting(True, flag, "whether the X-RateLimit headers tell when to come back"),
      "reset": Setting(timedelta(seconds=60), seconds(_LONG), "seconds from now that X-RateLimit-Reset names")}),
    ("server_error_before_accept", "F15 F29", Outcome.NOTHING, False, READS | CHANGES,
     "A server error, and nothing was done.", {"status": _STATUS, "body": _BODY}),
    ("server_error_after_accept", "F15", Outcome.NOTHING, True, CHANGES,
     "A server error, though the call was carried out.", {"status": _STATUS, "body": _BODY}),
    ("keys_refused", "F16", Outcome.REFUSED, False, READS | CHANGES,
     "401, as after the keys were changed.", {}),
    ("redirect", "F15", Outcome.NOTHING, False, READS | CHANGES,
     "302 to another address, which no client should follow with its keys.", {}),
    ("html_body", "F13", Outcome.NOTHING, True, READS | CHANGES,
     "The call is carried out and answered 200 with a page of HTML.", {}),
    ("empty_body", "F13", Outcome.NOTHING, True, READS | CHANGES,
     "The call is carried out and answered 200 with nothing.", {}),
    ("truncated_body", "F13", Outcome.NOTHING, True, READS | CHANGES,
     "The call is carried out, and its answer breaks off in the middle.", {}),
    ("unknown_status", "F13", Outcome.ODD, True, _ORDERS,
     "Orders in the answer stand in a status nobody has heard of.", {}),
    ("null_fields", "F13", Outcome.ODD, True, _ORDERS,
     "Orders in the answer have null where a value is promised.", {}),
    ("poison_text", "F45", Outcome.ODD, True, _ORDERS,
     "Orders in the answer carry NUL, bidirectional and unpaired characters, and 20 kB of them.", {}),
    ("slow_answer", "F31", Outcome.LATE, True, READS | CHANGES,
     "The true answer comes late.", {"seconds": Setting(timedelta(seconds=2), seconds(_LONG), "how late")}),
    ("slow_bytes", "F31", Outcome.NOTHING, True, READS | CHANGES,
     "The true answer drips, one byte at a time.",
     {"seconds": Setting(timedelta(milliseconds=500), seconds(_LONG), "seconds between two bytes")}),
)  # fmt: skip

_ORDER_FAULTS: _Rows = (
    ("late_visibility", "F05", {"submit"}, "A new order is not found by look-up or list for a while: 404.",
     {"lookups": Setting(3, whole(1, 10_000), "how many reads miss it"),
      "seconds": Setting(None, seconds(_LONG), "seconds of the venue's clock instead of reads")}),
    ("old_snapshot", "F10", {"look_up", "order", "orders"}, "An order is shown as it was before its fills or end.", {}),
    ("late_reject", "F16", {"submit"}, "An order is taken with 200 and then rejected.", {}),
    ("partial_207", "F44", {"cancel_all", "close_all"},
     "Some lines of a 207 answer say 500, and those orders or positions stay as they are.",
     {"share": Setting(Decimal("0.5"), number("0", "1"), "share of lines that fail; at least one does")}),
    ("cancel_refused", "F18", {"cancel"}, "A cancel is refused with 422, as in pending_replace.", {}),
    ("fill_before_cancel", "F17", {"cancel"}, "The order fills just before its cancel, which is refused with 422.", {}),
    ("part_fill_before_cancel", "F17", {"cancel"}, "A part of the order fills just before it is canceled.",
     {"share": Setting(Decimal("0.5"), number("0", "1"), "share of what is left that fills")}),
    ("fill_after_cancel", "F17", {"cancel"}, "The order is told canceled, and a minute later it fills after all.", {}),
    ("cancel_lingers", "F17", {"cancel"}, "A cancel is taken; the order stays pending_cancel and can still fill.",
     {"lasts": _MINUTES}),
    ("fill_before_replace", "F18", {"replace"}, "The order fills just before its replacement, which is refused.", {}),
    ("replace_refused_later", "F18", {"replace"},
     "A replacement is taken with 200 and then rejected; the old order works on.", {}),
    ("replace_refused_yet_done", "F18", {"replace"}, "A replacement is refused with 422 and has taken effect.", {}),
)  # fmt: skip

_EVENTS: _Rows = (
    ("duplicate_event", "F08", EVENTS, "An event is told twice.", {}),
    ("replayed_events", "F08", _FILLS, "After an event all events of its order are told once more.", {}),
    ("reordered_event", "F09", EVENTS, "An event is told after the one that follows it.", {}),
    ("dropped_event", "F11", EVENTS, "An event is never told.", {}),
    ("mute_stream", "F11", EVENTS, "The stream stays connected and tells nothing.",
     {"events": Setting(0, whole(0, 1_000_000), "how many events are lost; 0 for all until the faults are lifted")}),
    ("dropped_stream", "F11", EVENTS, "The stream is closed; the event is lost.", {"code": _CLOSING}),
    ("stream_error", "F11", EVENTS, "The stream tells an internal error and is closed; the event is lost.", {}),
    ("unknown_event", "F13", EVENTS, "An event has a name nobody has heard of.", {}),
    ("event_unknown_status", "F13", EVENTS, "The order of an event stands in a status nobody has heard of.", {}),
    ("event_null_data", "F13", EVENTS, "An event is told with null for data.", {}),
    ("event_null_fields", "F13", EVENTS, "An event has null where a value is promised.", {}),
    ("event_poison_text", "F45", EVENTS, "An event carries NUL, bidirectional and unpaired characters.", {}),
)  # fmt: skip

_HANDSHAKES: tuple[tuple[str, str, str, _Settings], ...] = (
    ("auth_silence", "F11", "Keys are never answered.", {}),
    ("auth_refused", "F11", "Right keys are called wrong.", {}),
    ("connection_limit", "F11", "The stream says that its one connection is taken, and closes.", {}),
    ("handshake_refused", "F11", "The websocket handshake is answered with an HTTP status.",
     {"status": Setting(429, one_of(429, 500, 502, 503), "429, 500, 502 or 503")}),
    ("listen_ignored", "F11", "Subscribing is answered with an empty list, and nothing is told.", {}),
)  # fmt: skip

_SOME = KINDS[Place.PRICE]
_PRICES: _Rows = (
    ("crossed_quote", "F33", {"quotes"}, "The bid stands above the ask.", {}),
    ("zero_price", "F33", _SOME, "A price is zero.", {}),
    ("negative_price", "F33", _SOME, "A price is below zero.", {}),
    ("nan_price", "F33", _SOME, "A price is not a number.", {}),
    ("tenfold_price", "F33", _SOME, "A price is ten times what it should be.", {}),
    ("stale_price", "F33", _SOME, "A figure is told that is old by its own time.",
     {"seconds": Setting(timedelta(minutes=10), seconds(7 * 86_400), "how old")}),
    ("missing_price", "F33", _SOME, "A figure is not told.", {}),
)  # fmt: skip

_SCENES: tuple[tuple[str, str, Place, str, _Settings], ...] = (
    ("account_blocked", "F37", Place.MINUTE, "The broker blocks the account.", {}),
    ("trading_blocked", "F37", Place.MINUTE, "The broker blocks trading in the account.", {}),
    ("trade_suspended", "F37", Place.MINUTE, "The account's own setting suspends trading.", {}),
    ("manual_order", "F35", Place.MINUTE, "Somebody else orders in the account.",
     {"side": Setting("buy", one_of("buy", "sell"), "buy or sell"),
      "qty": Setting(Decimal(1), number("0.000000001", "1000000"), "shares"),
      "limit_price": Setting(None, number("0.0001", "1000000"), "USD; absent for a market order")}),
    ("manual_cancel", "F35", Place.MINUTE, "Somebody else cancels the oldest open order.", {}),
    ("position_closed", "F35", Place.MINUTE, "Somebody else closes the position in the app.", {}),
    ("trade_busted", "F36", Place.MINUTE, "The last fill is declared void.", {}),
    ("trade_corrected", "F36", Place.MINUTE, "The price of the last fill is corrected.",
     {"by": Setting(Decimal("0.01"), number("-1000", "1000"), "USD per share added to the price")}),
    ("symbol_paused", "F34", Place.MINUTE, "The exchange pauses a symbol (limit up, limit down): nothing trades in it.",
     {"lasts": Setting(5, whole(1, 10_000), "minutes"),
      "reason": Setting("LUDP", one_of("LUDP", "T1", "T12"), "the exchange's code: LUDP, T1 or T12")}),
    ("market_halted", "F34", Place.MINUTE, "The market's circuit breaker halts every symbol.",
     {"lasts": Setting(15, whole(1, 10_000), "minutes"), "level": Setting(1, whole(1, 3), "1, 2 or 3")}),
    ("money_paid", "F35", Place.MINUTE, "Money is paid into the account (below zero: out of it) in a session.",
     {"usd": Setting(Decimal(10_000), number("-1000000", "1000000"), "USD paid in")}),
    ("money_paid_overnight", "F35", Place.NIGHT, "Money is paid into each account (below zero: out) between sessions.",
     {"usd": Setting(Decimal(10_000), number("-1000000", "1000000"), "USD paid in")}),
    ("split_overnight", "F34", Place.NIGHT, "Shares are split (or, below 1, merged) before the next open.",
     {"ratio": Setting(Decimal(2), number("0.01", "100"), "new shares for an old one")}),
)  # fmt: skip


def _menu() -> dict[str, Known]:
    known = [
        Known(name, Place.CALL, tuple(f.split()), says, frozenset(on), settings, outcome, accepts)
        for name, f, outcome, accepts, on, says, settings in _CALLS
    ]
    rows: list[tuple[str, str, Place, Set[str], str, _Settings]] = [
        *((name, f, Place.ORDER, on, says, settings) for name, f, on, says, settings in _ORDER_FAULTS),
        *((name, f, Place.EVENT, on, says, settings) for name, f, on, says, settings in _EVENTS),
        *((name, f, Place.HANDSHAKE, KINDS[Place.HANDSHAKE], says, kept) for name, f, says, kept in _HANDSHAKES),
        *((name, f, Place.PRICE, on, says, settings) for name, f, on, says, settings in _PRICES),
        *((name, f, place, KINDS[place], says, settings) for name, f, place, says, settings in _SCENES),
    ]
    known += [
        Known(name, place, tuple(f.split()), says, frozenset(on), kept) for name, f, place, on, says, kept in rows
    ]
    skew = Setting(timedelta(minutes=5), seconds(86_400, -86_400), "seconds ahead; below zero behind")
    known.append(
        Known("clock_skew", Place.CALL, ("F32",), "The venue's clock tells another time.",
              frozenset({"clock"}), {"seconds": skew}, Outcome.ODD)
    )  # fmt: skip
    return {each.name: each for each in known}


MENU: Mapping[str, Known] = _menu()
"""Every fault by its name."""
