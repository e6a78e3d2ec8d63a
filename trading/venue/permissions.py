"""Whether an account may do what a well-formed request asks: blocks, shorting, wash trades, shares, buying power."""

from collections.abc import Callable
from decimal import Decimal

from trading.venue import margin
from trading.venue.accounts import VenueAccount
from trading.venue.matching import working_limit
from trading.venue.refusals import forbidden, invalid, plain
from trading.venue.tape import Tape
from trading.venue.values import ZERO, Asset, OrderRequest, Refusal, VenueOrder
from trading.venue.words import OrderClass, OrderStatus, OrderType, PositionIntent, Side

_ENTRY_CLASSES = frozenset({OrderClass.BRACKET, OrderClass.OTO})


def check_may_trade(account: VenueAccount) -> None:
    if account.account_blocked:
        raise forbidden("account is blocked")
    if account.trading_blocked:
        raise forbidden("account is not authorized to trade")
    if account.configuration["suspend_trade"]:
        raise forbidden("new orders are rejected by user request")


def check_client_id_unused(account: VenueAccount, client_order_id: str | None) -> None:
    """Ids are spent for ever; the code tells whether the earlier order still rests."""
    earlier = account.by_client_id.get(client_order_id or "")
    if earlier is not None:
        raise Refusal(422, 42210000 if earlier.is_open else 40010001, "client_order_id must be unique")


def intent_of(request: OrderRequest, held: Decimal) -> PositionIntent:
    """Whether an order opens or closes, inferred from the holding (signed shares)."""
    if request.side is Side.BUY:
        return PositionIntent.BUY_TO_CLOSE if held < ZERO else PositionIntent.BUY_TO_OPEN
    return PositionIntent.SELL_TO_CLOSE if held > ZERO else PositionIntent.SELL_TO_OPEN


def check_intent(request: OrderRequest, intent: PositionIntent) -> None:
    if request.position_intent is not None and request.position_intent is not intent:
        raise invalid(f"position intent mismatch, inferred: {intent}, specified: {request.position_intent}")
    opens = intent in (PositionIntent.BUY_TO_OPEN, PositionIntent.SELL_TO_OPEN)
    if request.order_class in _ENTRY_CLASSES and not opens:
        raise invalid(f"{request.order_class} orders must be entry orders")
    if request.order_class is OrderClass.OCO and opens:
        raise invalid("oco orders must be exit orders")


def check_fractional_allowed(account: VenueAccount, order: VenueOrder) -> None:
    fractional = order.notional is not None or order.wanted != order.wanted.to_integral_value()
    if fractional and not account.configuration["fractional_trading"]:
        raise forbidden("fractional trading is not enabled for this account")


def check_short(account: VenueAccount, order: VenueOrder, asset: Asset, tape: Tape) -> None:
    if order.position_intent is not PositionIntent.SELL_TO_OPEN:
        return
    if not margin.figures(account, tape).shorting_enabled:
        raise forbidden("account is not allowed to short")
    if not asset.shortable:
        raise forbidden(f'asset "{asset.symbol}" cannot be sold short')
    if order.notional is not None or order.wanted != order.wanted.to_integral_value():
        raise invalid("fractional orders cannot be sold short")


def _may_cross(new: VenueOrder, resting: VenueOrder) -> str | None:
    """Why two opposite orders of one account could trade with each other; None where they cannot."""
    if not all(order.type is OrderType.LIMIT for order in (new, resting)):
        return "opposite side market/stop order exists"
    bid, ask = (new, resting) if new.side is Side.BUY else (resting, new)
    buying, selling = working_limit(bid), working_limit(ask)
    crosses = buying is not None and selling is not None and buying >= selling
    return "opposite side limit order exists" if crosses else None


def check_wash_trade(account: VenueAccount, order: VenueOrder) -> None:
    """No order against an own open one; orders of a class are exempt."""
    if order.order_class is not OrderClass.SIMPLE:
        return
    for resting in account.open_in(order.symbol):
        if resting.side is order.side or resting.status is OrderStatus.HELD:
            continue
        reason = _may_cross(order, resting)
        if reason is not None:
            raise forbidden(
                "potential wash trade detected. use complex orders",
                existing_order_id=resting.id,
                reject_reason=reason,
            )


def shares_asked(order: VenueOrder, tape: Tape) -> Decimal:
    """Shares the order is for; a notional order counts at the last price."""
    last = tape.last(order.symbol)
    if order.notional is None or last is None:
        return order.wanted
    return order.notional / (order.limit_price or last)


def check_shares(
    account: VenueAccount, order: VenueOrder, tape: Tape, but: Callable[[VenueOrder], bool] = lambda order: False
) -> None:
    """A closing order may not ask for more than is held and free; so no order turns long into short."""
    if margin.is_opening(order):
        return
    existing = abs(account.ledger.qty(order.symbol))
    held, related = margin.held_for_orders(account, order.symbol, but)
    free, asked = max(existing - held, ZERO), shares_asked(order, tape)
    if asked > free:
        raise forbidden(
            f"insufficient qty available for order (requested: {plain(asked)}, available: {plain(free)})",
            symbol=order.symbol,
            existing_qty=plain(existing),
            held_for_orders=plain(held),
            available=plain(free),
            related_orders=related,
        )


def check_buying_power(account: VenueAccount, order: VenueOrder, tape: Tape, released: Decimal = ZERO) -> None:
    """An opening order must be paid for; ``released`` is what an order being replaced gives back (USD)."""
    if not margin.is_opening(order):
        return
    quote = tape.quote(order.symbol)
    if quote is None:
        raise invalid(f'no price is known for "{order.symbol}" yet')
    cost = margin.reserve_of(order, quote)
    power = margin.figures(account, tape).buying_power + released
    if cost > power:
        raise forbidden(
            "insufficient buying power",
            buying_power=plain(power.quantize(Decimal("0.01"))),
            cost_basis=plain(cost.quantize(Decimal("0.01"))),
        )
