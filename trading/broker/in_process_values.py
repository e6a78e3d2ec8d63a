"""Between the port's values and the exchange's. Pure; the words are the same, only the types differ."""

from decimal import Decimal

from trading.broker import alpaca_wire
from trading.broker.gateway import (
    AccountReport,
    AssetReport,
    BarReport,
    ExecutionReport,
    FillReport,
    NewOrder,
    OrderReport,
    PositionReport,
    QuoteReport,
    Replacement,
)
from trading.choices import OrderClass, OrderStatus, OrderType, Side, TimeInForce
from trading.venue import market, values, words


def request(order: NewOrder) -> values.OrderRequest:
    take_profit, stop_loss = order.take_profit_price, order.stop_loss_price
    return values.OrderRequest(
        symbol=order.symbol,
        side=words.Side(order.side),
        type=words.OrderType(order.type),
        time_in_force=words.TimeInForce(order.time_in_force),
        qty=order.quantity,
        limit_price=order.limit_price,
        stop_price=order.stop_price,
        trail_price=order.trail_price,
        trail_percent=order.trail_percent,
        order_class=words.OrderClass(order.order_class),
        take_profit=None if take_profit is None else values.TakeProfit(take_profit),
        stop_loss=None if stop_loss is None else values.StopLoss(stop_loss, order.stop_loss_limit_price),
        extended_hours=order.extended_hours,
        client_order_id=order.client_order_id,
    )


def changes(change: Replacement) -> values.OrderChanges:
    return values.OrderChanges(
        qty=change.quantity,
        time_in_force=None if change.time_in_force is None else words.TimeInForce(change.time_in_force),
        limit_price=change.limit_price,
        stop_price=change.stop_price,
        trail=change.trail,
        client_order_id=change.client_order_id,
    )


def order(subject: values.VenueOrder, *, event: str = "", execution: ExecutionReport | None = None) -> OrderReport:
    status = alpaca_wire.STATUSES[subject.status.value]
    if status is OrderStatus.ACCEPTED and subject.filled_qty > 0:
        status = OrderStatus.PARTIALLY_FILLED
    return OrderReport(
        broker_order_id=subject.id,
        client_order_id=subject.client_order_id,
        symbol=subject.symbol,
        side=Side(subject.side.value),
        quantity=subject.qty,
        type=OrderType(subject.type.value),
        status=status,
        raw_status=subject.status.value,
        filled_quantity=subject.filled_qty,
        filled_average_price=subject.filled_avg_price,
        limit_price=subject.limit_price,
        stop_price=subject.stop_price,
        order_class=OrderClass(subject.order_class.value),
        submitted_at=subject.submitted_at,
        updated_at=subject.updated_at,
        time_in_force=TimeInForce(subject.time_in_force.value),
        replaces=subject.replaces or "",
        replaced_by=subject.replaced_by or "",
        legs=() if event else tuple(order(leg) for leg in subject.legs),
        event=event,
        execution=execution,
    )


def update(event: values.VenueEvent) -> OrderReport:
    """One line of the stream; like the wire's it tells no legs."""
    done = event.execution
    execution = None if done is None else ExecutionReport(done.execution_id, done.qty, done.price, event.at)
    return order(event.order, event=event.event.value, execution=execution)


def fill(done: values.Execution) -> FillReport:
    return FillReport(
        activity_id=done.activity_id,
        broker_order_id=done.order_id,
        symbol=done.symbol,
        side=Side(done.side.value),
        quantity=done.qty,
        price=done.price,
        cumulative_quantity=done.cum_qty,
        at=done.at,
    )


def account(figures: values.AccountFigures) -> AccountReport:
    return AccountReport(
        number=figures.number,
        status="ACTIVE",
        cash=figures.cash,
        equity=figures.equity,
        last_equity=figures.last_equity,
        buying_power=figures.buying_power,
        long_market_value=figures.long_market_value,
        intraday_adjustments=figures.intraday_adjustments,
        trading_blocked=figures.trading_blocked,
        account_blocked=figures.account_blocked,
        trade_suspended_by_user=figures.trade_suspended_by_user,
        shorting_enabled=figures.shorting_enabled,
        multiplier=Decimal(figures.multiplier),
    )


def position(held: values.Position) -> PositionReport:
    return PositionReport(
        symbol=held.symbol,
        quantity=held.qty,
        average_price=held.avg_entry_price,
        market_price=held.current_price,
        market_value=held.market_value,
        available=held.qty_available,
    )


def asset(listed: values.Asset) -> AssetReport:
    return AssetReport(
        symbol=listed.symbol,
        name=listed.name,
        exchange=listed.exchange,
        status="active" if listed.active else "inactive",
        tradable=listed.tradable,
        fractionable=listed.fractionable,
        shortable=listed.shortable,
        marginable=listed.marginable,
    )


def bar(subject: market.Bar) -> BarReport:
    return BarReport(
        subject.symbol, subject.start, subject.open, subject.high, subject.low, subject.close, subject.volume
    )


def quote(subject: market.Quote) -> QuoteReport:
    return QuoteReport(subject.symbol, subject.bid, subject.ask, subject.at)


def is_usable_bar(subject: market.Bar) -> bool:
    """Whether the wire's reader would keep the bar: every price above zero and finite."""
    return all(price.is_finite() and price > 0 for price in (subject.open, subject.high, subject.low, subject.close))


def is_usable_quote(subject: market.Quote) -> bool:
    """Whether the wire's reader would keep the quote: no price below zero, and each a number."""
    return all(price.is_finite() and price >= 0 for price in (subject.bid, subject.ask))
