"""What an account may still do: buying power, and shares not yet spoken for by open orders."""

from collections.abc import Callable
from decimal import Decimal

from trading.venue.accounts import VenueAccount
from trading.venue.market import Quote
from trading.venue.matching import working_limit
from trading.venue.tape import Tape
from trading.venue.values import ZERO, AccountFigures, VenueOrder
from trading.venue.words import OrderClass, OrderStatus, PositionIntent, Side

MARGIN_EQUITY = Decimal(2000)
"""Below this equity (USD) there is neither margin nor shorting."""
INITIAL = Decimal("0.5")
MAINTENANCE = Decimal("0.3")
SHORT_HAIRCUT = Decimal("1.03")
_OPENING = frozenset({PositionIntent.BUY_TO_OPEN, PositionIntent.SELL_TO_OPEN})


def is_opening(order: VenueOrder) -> bool:
    return order.position_intent in _OPENING


def entry_price(side: Side, limit: Decimal | None, quote: Quote) -> Decimal:
    """The price at which an opening order is charged: its limit, else the far side of the quote.

    A short is charged at the higher of its limit and the ask plus 3 %.
    """
    if side is Side.SELL:
        return max(limit or ZERO, quote.ask * SHORT_HAIRCUT)
    return quote.ask if limit is None else limit


def reserve_of(order: VenueOrder, quote: Quote | None) -> Decimal:
    """USD of buying power an open order holds back; closing and held orders hold none."""
    if not is_opening(order) or order.status is OrderStatus.HELD or order.is_leg:
        return ZERO
    if order.notional is not None:
        return max(order.notional - order.filled_qty * (order.filled_avg_price or ZERO), ZERO)
    limit = working_limit(order)
    price = limit if quote is None else entry_price(order.side, limit or order.stop_price, quote)
    return order.remaining * (price or ZERO)


def reserved(account: VenueAccount, tape: Tape) -> Decimal:
    """USD held back by all open orders together."""
    quotes = {symbol: tape.quote(symbol) for symbol in {order.symbol for order in account.open.values()}}
    return sum((reserve_of(order, quotes[order.symbol]) for order in account.open.values()), ZERO)


def figures(account: VenueAccount, tape: Tape) -> AccountFigures:
    """The account now. Buying power: cash at multiplier 1, Reg T excess x 2, or 4 x equity less gross holdings."""
    long, short = account.ledger.market_values(tape.last)
    cash = account.ledger.cash
    equity, gross = cash + long + short, long - short
    held_back = reserved(account, tape)
    excess = max(equity - gross * INITIAL, ZERO)
    multiplier = int(account.configuration["max_margin_multiplier"]) if equity >= MARGIN_EQUITY else 1
    power = {1: cash + min(short, ZERO) * 2, 2: excess * 2, 4: equity * 4 - gross}[multiplier]
    return AccountFigures(
        id=account.id,
        number=account.number,
        kind=account.kind,
        created_at=account.created_at,
        cash=cash,
        equity=equity,
        last_equity=account.last_equity,
        balance_asof=account.balance_asof,
        long_market_value=long,
        short_market_value=short,
        initial_margin=gross * INITIAL,
        maintenance_margin=gross * MAINTENANCE,
        last_maintenance_margin=account.last_maintenance_margin,
        multiplier=multiplier,
        buying_power=max(power - held_back, ZERO),
        regt_buying_power=max(excess * min(multiplier, 2) - held_back, ZERO),
        non_marginable_buying_power=max(min(cash, excess) - held_back, ZERO),
        reserved=held_back,
        trading_blocked=account.trading_blocked,
        account_blocked=account.account_blocked,
        trade_suspended_by_user=bool(account.configuration["suspend_trade"]),
        intraday_adjustments=account.intraday_adjustments,
        shorting_enabled=multiplier > 1 and not account.configuration["no_shorting"],
    )


def held_for_orders(
    account: VenueAccount, symbol: str, but: Callable[[VenueOrder], bool] = lambda order: False
) -> tuple[Decimal, list[str]]:
    """Shares spoken for by open closing orders, and those orders' ids; a pair that cancels each other counts once.

    ``but`` tells orders to leave out, as when one of them is being replaced.
    """
    groups: dict[str, Decimal] = {}
    related: list[str] = []
    for order in account.open_in(symbol):
        if is_opening(order) or order.status is OrderStatus.HELD or but(order):
            continue
        together = order.order_class is not OrderClass.SIMPLE
        group = (order.parent or order).id if together else order.id
        groups[group] = max(groups.get(group, ZERO), order.remaining)
        related.append(order.id)
    return sum(groups.values(), ZERO), related
