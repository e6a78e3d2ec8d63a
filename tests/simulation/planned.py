"""Faults of the venue as a trace plans them: each strikes once, at the next occasion it is meant for."""

from random import Random
from typing import Any

from trading.venue.faults import plan
from trading.venue.faults.known import MENU
from trading.venue.faults.menu import Place
from trading.venue.faults.plan import Fault, When

HERE = (Place.CALL, Place.ORDER, Place.EVENT, Place.PRICE, Place.MINUTE, Place.NIGHT)
"""Opening a stream is tried elsewhere: the rig has no socket to open."""

NAMES = tuple(
    name
    for name, known in MENU.items()
    # Nothing of the desk replaces an order or lists daily bars in the middle of a day.
    if known.place in HERE and known.on != frozenset({"replace"})
)
OFTEN = ("late_visibility",) * 4 + ("split_overnight",) * 4 + (
    "late_reject", "keys_refused", "cancel_refused", "server_error_before_accept", "rate_limited"
) * 2  # fmt: skip
"""Faults that alone stand for their number of the matrix, or that few occasions are meant for."""

DAMAGING = frozenset(
    {"trade_busted", "trade_corrected", "split_overnight", "manual_order", "position_closed", "money_paid",
     "money_paid_overnight"}
)  # fmt: skip
"""Faults after which a person has to work off a case: seldom, for entries stop at them."""

SENDING = ("submit", "submit", "cancel", "look_up", "order", "orders", "activities")


def draw(random: Random, symbols: tuple[str, ...]) -> dict[str, Any]:
    """What one step plans."""
    name = random.choice(NAMES + OFTEN)
    if name in DAMAGING and random.random() < 0.5:
        name = random.choice(NAMES + OFTEN)
    known = MENU[name]
    given: dict[str, Any] = {"name": name}
    if known.place is Place.CALL and len(known.on) > 1:
        given["on"] = random.choice([each for each in SENDING if each in known.on] or sorted(known.on))
    if known.place in (Place.NIGHT, Place.MINUTE):
        given["symbol"] = random.choice(symbols)
    given["after"] = random.choice((0, 0, 0, 1, 3))
    if known.place is Place.EVENT:
        given["count"] = random.choice((1, 1, 3))
    return given


def fault(given: dict[str, Any]) -> Fault:
    """The fault that a step plans."""
    on = [given["on"]] if "on" in given else []
    symbols = [given["symbol"]] if "symbol" in given else []
    when = When(count=given.get("count", 1), after=given.get("after", 0))
    return plan.fault(given["name"], on=on, symbols=symbols, when=when)
