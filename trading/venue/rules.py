"""Whether a request is well formed: Alpaca's rules that need no account, only the asset, the hours and a price.

Each check is one function over a :class:`Question`; the table at the end gives their order.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from trading.venue.calendar import AFTER_MARKET
from trading.venue.matching import tick
from trading.venue.refusals import forbidden, invalid, malformed
from trading.venue.values import ZERO, Asset, OrderRequest, SessionDay
from trading.venue.words import OrderClass, OrderType, Side, TimeInForce

LONGEST_CLIENT_ID = 128
MOST_PLACES = 9
OPG_CUT_OFF = timedelta(minutes=2)
CLS_CUT_OFF = timedelta(minutes=10)
AUCTIONS_REOPEN = AFTER_MARKET - timedelta(hours=1)
_LIMITED = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT})
_STOPPED = frozenset({OrderType.STOP, OrderType.STOP_LIMIT})
_LASTING = frozenset({TimeInForce.DAY, TimeInForce.GTC})


@dataclass(frozen=True, slots=True)
class Question:
    """A request and the circumstances it is judged in. ``last`` is None where the market has no price yet."""

    request: OrderRequest
    asset: Asset
    last: Decimal | None
    at: datetime
    session: SessionDay | None

    @property
    def is_fractional(self) -> bool:
        qty = self.request.qty
        return self.request.notional is not None or (qty is not None and qty != qty.to_integral_value())


def places(number: Decimal) -> int:
    """Decimal places that count; trailing zeros do not."""
    exponent = number.normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def check_client_id(client_order_id: str | None) -> None:
    if client_order_id is not None and len(client_order_id) > LONGEST_CLIENT_ID:
        raise malformed(f"client_order_id must be no more than {LONGEST_CLIENT_ID} characters")


def check_price(name: str, price: Decimal | None) -> None:
    """Above zero and on a tick."""
    if price is None:
        return
    if not price.is_finite() or price <= ZERO:
        raise invalid(f"{name} must be > 0")
    if price % tick(price) != ZERO:
        raise invalid(f"invalid {name} {price}. sub-penny increment does not fulfill minimum pricing criteria")


def check_asset(question: Question) -> None:
    asset = question.asset
    if not asset.active or not asset.tradable:
        raise invalid(f"asset {asset.symbol} is not tradable")


def check_quantity(question: Question) -> None:
    qty, notional = question.request.qty, question.request.notional
    if (qty is None) == (notional is None):
        raise malformed("qty or notional is required" if qty is None else "only one of qty or notional is accepted")
    amount = qty if qty is not None else notional
    if amount is None or not amount.is_finite() or amount <= ZERO:
        raise malformed(f"{'qty' if qty is not None else 'notional'} must be > 0")
    if places(amount) > MOST_PLACES:
        raise malformed(f"qty and notional take at most {MOST_PLACES} decimal places")
    if notional is not None and notional < 1:
        raise invalid("notional amount must be >= 1.00")


def check_prices(question: Question) -> None:
    request = question.request
    needs_limit = request.type in _LIMITED and request.order_class is not OrderClass.OCO
    if needs_limit and request.limit_price is None:
        raise malformed(f"{request.type} orders require limit_price")
    if request.limit_price is not None and request.type not in _LIMITED:
        raise malformed(f"{request.type} orders must not have limit_price")
    if (request.stop_price is None) == (request.type in _STOPPED):
        verb = "require" if request.stop_price is None else "must not have"
        raise malformed(f"{request.type} orders {verb} stop_price")
    check_price("limit_price", request.limit_price)
    check_price("stop_price", request.stop_price)


def check_trail(question: Question) -> None:
    request = question.request
    trails = [trail for trail in (request.trail_price, request.trail_percent) if trail is not None]
    if request.type is not OrderType.TRAILING_STOP:
        if trails:
            raise malformed("trail_price and trail_percent are only for trailing_stop orders")
        return
    if len(trails) != 1:
        raise malformed("trailing_stop orders require exactly one of trail_price or trail_percent")
    if not trails[0].is_finite() or trails[0] <= ZERO:
        raise invalid("trail must be > 0")
    if request.trail_percent is not None and request.trail_percent >= 100:
        raise invalid("trail_percent must be < 100")
    if request.order_class is not OrderClass.SIMPLE:
        raise invalid("trailing stop orders must be simple orders")
    if request.time_in_force not in _LASTING:
        raise invalid("trailing stop orders must be day or gtc orders")


def check_fractional(question: Question) -> None:
    request = question.request
    if not question.is_fractional:
        return
    if not question.asset.fractionable:
        raise forbidden(f'asset "{question.asset.symbol}" is not fractionable')
    if request.type is OrderType.TRAILING_STOP:
        raise invalid("fractional orders must be market, limit, stop, or stop_limit orders")
    if request.time_in_force is not TimeInForce.DAY:
        raise invalid("fractional orders must be DAY orders")
    if request.order_class is not OrderClass.SIMPLE:
        raise invalid("fractional orders must be simple orders")


def check_time_in_force(question: Question) -> None:
    request = question.request
    auction = request.time_in_force in (TimeInForce.OPG, TimeInForce.CLS)
    if auction and request.type not in (OrderType.MARKET, OrderType.LIMIT):
        raise invalid(f"{request.time_in_force} orders must be market or limit orders")
    if request.order_class is not OrderClass.SIMPLE and request.time_in_force not in _LASTING:
        raise invalid(f"{request.order_class} orders must be day or gtc orders")
    check_auction_window(question)


def check_auction_window(question: Question) -> None:
    """opg is closed from 2 min before the open, cls from 10 min before the close, both until 3 h after the close."""
    session, kind = question.session, question.request.time_in_force
    if session is None or kind not in (TimeInForce.OPG, TimeInForce.CLS):
        return
    begins = session.open - OPG_CUT_OFF if kind is TimeInForce.OPG else session.close - CLS_CUT_OFF
    if begins <= question.at < session.close + AUCTIONS_REOPEN:
        raise invalid(f"{kind} orders are not accepted now; they are queued again from 7:00pm ET")


def check_extended_hours(question: Question) -> None:
    request = question.request
    if not request.extended_hours:
        return
    if request.order_class is not OrderClass.SIMPLE:
        raise invalid(f"{request.order_class} orders are not allowed in extended hours")
    if request.type is not OrderType.LIMIT or request.time_in_force not in _LASTING:
        raise invalid("extended hours order must be DAY limit orders")


def check_exits_given(question: Question) -> None:
    """Which exits each class needs and which it must not have."""
    request = question.request
    exits = (request.take_profit is not None) + (request.stop_loss is not None)
    match request.order_class:
        case OrderClass.SIMPLE if exits:
            raise invalid("simple orders must not have take_profit or stop_loss; set order_class")
        case OrderClass.OTO if exits != 1:
            raise invalid("oto orders require exactly one of take_profit or stop_loss")
        case OrderClass.BRACKET | OrderClass.OCO if request.take_profit is None:
            raise invalid(f"{request.order_class} orders require take_profit.limit_price")
        case OrderClass.BRACKET | OrderClass.OCO if request.stop_loss is None:
            raise invalid(f"{request.order_class} orders require stop_loss.stop_price")
    if request.order_class is OrderClass.OCO and request.type is not OrderType.LIMIT:
        raise invalid("oco orders must be limit orders")


def check_exit_increments(question: Question) -> None:
    profit, loss = question.request.take_profit, question.request.stop_loss
    if profit is not None:
        check_price("take_profit.limit_price", profit.limit_price)
    if loss is not None:
        check_price("stop_loss.stop_price", loss.stop_price)
        check_price("stop_loss.limit_price", loss.limit_price)


def base_price(question: Question) -> Decimal | None:
    """What exits are measured from: the entry's limit, else its stop, else the market."""
    request = question.request
    if request.order_class is OrderClass.OCO:
        return None
    return request.limit_price or request.stop_price or question.last


def check_exit_prices(question: Question) -> None:
    """A stop loss lies at least one cent beyond the base price and on the losing side of the take profit."""
    request, base = question.request, base_price(question)
    # An OCO request carries the exit's own side, every other class the entry's.
    rising = (request.side is Side.SELL) == (request.order_class is OrderClass.OCO)
    sign, cent = (1 if rising else -1), Decimal("0.01")
    profit = request.take_profit.limit_price if request.take_profit else None
    loss = request.stop_loss.stop_price if request.stop_loss else None
    if profit is not None and loss is not None and (profit - loss) * sign < cent:
        raise invalid(f"take_profit.limit_price must be {'>' if rising else '<'} stop_loss.stop_price")
    if base is None:
        return
    if profit is not None and (profit - base) * sign < cent:
        bound = ">= base_price + 0.01" if rising else "<= base_price - 0.01"
        raise invalid(f"take_profit.limit_price must be {bound}", base_price=str(base))
    if loss is not None and (base - loss) * sign < cent:
        bound = "<= base_price - 0.01" if rising else ">= base_price + 0.01"
        raise invalid(f"stop_loss.stop_price must be {bound}", base_price=str(base))


CHECKS: tuple[Callable[[Question], None], ...] = (
    check_asset,
    check_quantity,
    check_prices,
    check_trail,
    check_fractional,
    check_time_in_force,
    check_extended_hours,
    check_exits_given,
    check_exit_increments,
    check_exit_prices,
)


def check(question: Question) -> None:
    """Raise the first ``Refusal`` that applies."""
    check_client_id(question.request.client_order_id)
    for rule in CHECKS:
        rule(question)
