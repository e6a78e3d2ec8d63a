"""What accepting the broker's side of a case would book: decided from the difference alone. Pure.

Nothing is proposed that would trade, or that would overwrite: every proposal is an entry to append.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from trading.reconciling.differences import SUMS, VOID, Difference

ADOPT, SHARES, CASH, REVERSE = "adopt", "shares", "cash", "reverse"
"""Take over a stranger's order · book shares at a price · move the cash ledger · undo a booked fill."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What is booked, in words and as the payload two people decide about."""

    act: str
    sentence: str
    payload: Mapping[str, Any]


class NotAcceptable(ValueError):
    """The broker's side of this case cannot be booked; the sentence says what would help."""


def of(found: Difference, *, price: str = "") -> Acceptance:
    """What accepting the broker's side books. `price` (USD) is a person's word for shares that came without a trade.

    Raises NotAcceptable for an order, for a fill the broker still owes us, and without a usable price.
    """
    if found.kind == "order":
        raise NotAcceptable(
            "An order is no entry in the books. Cancel it at the broker, or halt everything there; once it is gone"
            " there and here the case closes by itself."
        )
    if found.kind == SUMS:
        raise NotAcceptable(
            "The sums were added up anew from our orders; a comparison that finds them equal closes it."
        )
    if found.kind == "cash":
        return _cash(found)
    if found.kind == "position":
        return _shares(found, price)
    if found.evidence.get("stranger"):
        return _adoption(found)
    if "booked_fill" in found.evidence:
        return _reversal(found)
    raise NotAcceptable(
        "The broker has told the shares but not the fill yet. It books itself once the broker tells it."
    )


def _cash(found: Difference) -> Acceptance:
    ours, theirs = (Decimal(text.removesuffix(" USD")) for text in (found.expected, found.seen))
    moved = theirs - ours
    sentence = f"The cash ledger is moved by {moved:+,.2f} USD, a dividend, a fee or a transfer.".replace("-", "\u2212")
    return Acceptance(CASH, sentence, {"cash": f"{moved}"})


def _shares(found: Difference, typed: str) -> Acceptance:
    ours, theirs = (Decimal(text.removesuffix(" shares")) for text in (found.expected, found.seen))
    price = _price(typed or found.evidence.get("price") or "")
    moved = theirs - ours
    sentence = f"{moved:+f} shares of {found.symbol} are booked at {price.normalize():f} USD.".replace("-", "\u2212")
    return Acceptance(SHARES, sentence, {"symbol": found.symbol, "quantity": f"{moved}", "price": f"{price}"})


def _adoption(found: Difference) -> Acceptance:
    order = str(found.evidence["broker_order_id"])
    sentence = f"The broker's order {order} and all its fills are taken into the books, at the prices it was filled at."
    return Acceptance(ADOPT, sentence, {"symbol": found.symbol, "broker_order_id": order, "fill": found.seen})


def _reversal(found: Difference) -> Acceptance:
    again = found.evidence["price"]
    sentence = f"The fill ({found.expected}) is taken out by an opposite entry at its own price"
    sentence += "." if found.seen == VOID else f", and booked again as the broker tells it ({found.seen})."
    fill = {"symbol": found.symbol, "fill": found.evidence["booked_fill"]}
    return Acceptance(REVERSE, sentence, fill if again is None else {**fill, "booked_again_at": again})


def _price(text: str) -> Decimal:
    try:
        price = Decimal(text)
    except InvalidOperation as problem:
        raise NotAcceptable(
            f"{text or 'Nothing'} is not a price; give USD per share, for instance 101.25."
        ) from problem
    if not price.is_finite() or price <= 0 or price != price.quantize(Decimal("0.000001")):
        raise NotAcceptable(f"{text} is not a price; give USD per share above 0, with six decimals at most.")
    return price
