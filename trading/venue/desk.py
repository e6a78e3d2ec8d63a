"""Where requests are judged and carried out: submit, replace, cancel, close. A refusal leaves everything as it was."""

from decimal import ROUND_FLOOR, Decimal

from trading.venue import margin, permissions, rules
from trading.venue.accounts import VenueAccount
from trading.venue.calendar import SessionCalendar
from trading.venue.crossing import Crossing
from trading.venue.intake import Intake
from trading.venue.lifecycle import NANO, Lifecycle
from trading.venue.refusals import invalid, missing
from trading.venue.tape import Tape
from trading.venue.values import ZERO, Asset, OrderChanges, OrderRequest, VenueOrder
from trading.venue.words import OrderStatus, OrderType, Phase, Side, TimeInForce

_ENDED = frozenset({OrderStatus.FILLED, OrderStatus.EXPIRED, OrderStatus.REPLACED, OrderStatus.REJECTED})


class Desk:
    """Takes requests of all accounts in the order in which they come."""

    def __init__(self, lifecycle: Lifecycle, tape: Tape, calendar: SessionCalendar, crossing: Crossing) -> None:
        self.lifecycle = lifecycle
        self.tape = tape
        self.calendar = calendar
        self.crossing = crossing
        self.intake = Intake(lifecycle, calendar)

    def submit(self, account: VenueAccount, request: OrderRequest, asset: Asset, phase: Phase) -> VenueOrder:
        """Judge and accept; in hours the order is live, and perhaps filled, on return. The answer is as accepted."""
        now = self.lifecycle.clock.now()
        permissions.check_may_trade(account)
        rules.check(rules.Question(request, asset, self.tape.last(asset.symbol), now, self.calendar.around(now)))
        permissions.check_client_id_unused(account, request.client_order_id)
        intent = permissions.intent_of(request, account.ledger.qty(asset.symbol))
        permissions.check_intent(request, intent)
        order = self.intake.order(account.number, request, asset, intent)
        self._check_account(account, order, asset)
        if order.side is Side.SELL and order.notional is not None:
            self.lifecycle.fix_shares(order, order.limit_price or self.tape.last(asset.symbol) or Decimal(1))
        if not self.is_live(order, phase):
            order.status = OrderStatus.ACCEPTED
        self.lifecycle.accept(order)
        answer = order.snapshot()
        if order.status is not OrderStatus.ACCEPTED:
            self.go_live(order)
        return answer

    def is_live(self, order: VenueOrder, phase: Phase) -> bool:
        """Whether the market takes the order in this phase; otherwise it is queued."""
        if order.time_in_force is TimeInForce.OPG:
            return False
        around = order.extended_hours and phase in (Phase.PRE, Phase.AFTER)
        return phase is Phase.REGULAR or around

    def go_live(self, order: VenueOrder) -> None:
        """Route an order (with its twin) and let it meet the present quote."""
        self.lifecycle.route(order)
        for one in (order, *order.legs):
            if one.is_open and one.status is not OrderStatus.HELD:
                self.crossing.at_quote(one)

    def _check_account(self, account: VenueAccount, order: VenueOrder, asset: Asset) -> None:
        permissions.check_fractional_allowed(account, order)
        permissions.check_short(account, order, asset, self.tape)
        permissions.check_wash_trade(account, order)
        permissions.check_shares(account, order, self.tape)
        permissions.check_buying_power(account, order, self.tape)

    def replace(self, account: VenueAccount, order_id: str, changes: OrderChanges) -> VenueOrder:
        """Swap an order for its successor and return that as accepted."""
        permissions.check_may_trade(account)
        old = account.order(order_id)
        new = self.intake.successor(old, changes)
        permissions.check_client_id_unused(account, changes.client_order_id)
        family = {id(one) for one in (old, *old.legs, old.parent, *(old.parent.legs if old.parent else ()))}
        if old.status is not OrderStatus.HELD:
            released = margin.reserve_of(old, self.tape.quote(old.symbol))
            permissions.check_shares(account, new, self.tape, lambda one: id(one) in family)
            permissions.check_buying_power(account, new, self.tape, released)
        answer = new.snapshot()
        self.lifecycle.succeed(old, new)
        if new.is_open and new.status is not OrderStatus.HELD:
            self.crossing.at_quote(new)
        return answer

    def cancel(self, account: VenueAccount, order_id: str) -> None:
        """Cancel; an order canceled before stays so in peace, any other that has ended is refused."""
        order = account.order(order_id)
        if order.status in _ENDED:
            raise invalid(f'order is already in "{order.status}" state')
        if order.is_open:
            self.lifecycle.cancel(order)

    def reject(self, account: VenueAccount, order_id: str) -> None:
        order = account.order(order_id)
        if not order.is_open:
            raise invalid(f'order is already in "{order.status}" state')
        self.lifecycle.reject(order)

    def closing_request(
        self, account: VenueAccount, asset: Asset, qty: Decimal | None, percentage: Decimal | None
    ) -> OrderRequest:
        """The market order that closes (part of) a holding. Raises ``Refusal`` 404 where there is none."""
        held = account.ledger.qty(asset.symbol)
        if not held:
            raise missing("position does not exist")
        if qty is not None and percentage is not None:
            raise invalid("only one of qty or percentage is accepted")
        shares = abs(held)
        if percentage is not None:
            if not ZERO < percentage <= 100:
                raise invalid("percentage must be between 0 and 100")
            shares = (shares * percentage / 100).quantize(NANO, ROUND_FLOOR)
        elif qty is not None:
            shares = qty
        return OrderRequest(
            symbol=asset.symbol,
            side=Side.SELL if held > ZERO else Side.BUY,
            type=OrderType.MARKET,
            time_in_force=TimeInForce.DAY,
            qty=shares.normalize() if shares.is_finite() else shares,
        )
