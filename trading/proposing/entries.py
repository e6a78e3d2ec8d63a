"""Turning a long target into a proposed entry: sized, priced, and with its stop and take profit attached."""

import logging
from decimal import Decimal

from risk import limits
from trading import orders, sizing
from trading.choices import OrderClass, OrderType, Purpose, Side, TimeInForce
from trading.models import Account, AccountState, Signal, Strategy
from trading.proposing import decisions
from trading.reading import books
from trading.targets import Target

logger = logging.getLogger(__name__)

CAP_SHARE = Decimal("0.98")
"""Share of the position cap an entry aims at, so that a tick of movement does not carry it over."""


def shares(held: books.Books, symbol: str) -> Decimal:
    """Signed shares held or being bought: a rule that waits for its entry does not ask for another."""
    now = sum((line.quantity for line in held.positions if line.symbol == symbol), Decimal(0))
    coming = (o for o in held.working if o.symbol == symbol and o.purpose == Purpose.ENTRY)
    return now + sum((order.quantity - order.booked_quantity for order in coming), Decimal(0))


def propose(
    account: Account,
    strategy: Strategy,
    signal: Signal,
    target: Target,
    moment: decisions.Moment,
) -> orders.Proposal | None:
    """A bracket entry for the target, or None where it cannot be sized; the reason is logged, the signal is kept."""
    quote = moment.prices.quotes.get(target.symbol)
    middle = decisions.mid(quote)
    state = AccountState.objects.get(account=account)
    if quote is None or middle is None or state.equity is None or state.buying_power is None:
        logger.warning("no quote or no account figures: entry not sized", extra={"symbol": target.symbol})
        return None
    found = sizing.size(
        target,
        equity=state.equity,
        price=quote.ask,
        risk_fraction=strategy.risk_fraction,
        caps=_caps(account, strategy, target.symbol, state),
    )
    if isinstance(found, sizing.NoSize):
        logger.info("entry not sized: %s", found.reason)
        return None
    return orders.Proposal(
        account=account,
        instrument=signal.instrument,
        purpose=Purpose.ENTRY,
        side=Side.BUY,
        quantity=found.quantity,
        type=OrderType.LIMIT,
        # Good till canceled, for the legs inherit it and a stop must outlive the day; a stale entry is canceled by us.
        time_in_force=TimeInForce.GTC,
        order_class=OrderClass.BRACKET,
        by=strategy.name,
        strategy=strategy,
        signal=signal,
        limit_price=found.limit_price,
        take_profit_price=found.take_profit_price,
        stop_loss_price=found.stop_price,
        reference_price=middle,
    )


def _caps(account: Account, strategy: Strategy, symbol: str, state: AccountState) -> sizing.Caps:
    """Sizing stays within the limits so that the gate seldom has to say no; the gate alone decides."""
    in_force = limits.in_force(account=account.number, strategy=strategy.name, symbol=symbol).by_name
    fraction, usd = in_force.get("position_fraction"), in_force.get("position_usd")
    order_usd = in_force.get("order_usd")
    caps = [limit.value for limit in (usd, order_usd) if limit is not None]
    return sizing.Caps(
        max_position_fraction=(fraction.value if fraction else Decimal(0)) * CAP_SHARE,
        buying_power=min(state.buying_power or Decimal(0), state.cash or Decimal(0)),
        max_order_value=min(caps) if caps else None,
    )
