"""What happens to orders, trades and shares without their owner asking: late fills, voided trades, splits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Decimal

from trading.venue import matching
from trading.venue.accounts import Transfer, VenueAccount
from trading.venue.desk import Desk
from trading.venue.refusals import invalid, missing
from trading.venue.values import ZERO, Execution, OrderChanges, VenueOrder
from trading.venue.words import EventName, OrderStatus

LIVE = frozenset(
    {OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED, OrderStatus.PENDING_CANCEL, OrderStatus.PENDING_REPLACE}
)
"""States in which the market may still fill an order."""

_FILLABLE = LIVE | {OrderStatus.CANCELED}


@dataclass(frozen=True, slots=True)
class Incident:
    """One happening: `what` names it, `subject` is an order's id, an execution's id or a symbol.

    `figure` is a share of what is left (fill), USD per share (correct) or new shares for an old one (split);
    or USD paid in (transfer, whose subject is "session" while one is open).
    """

    what: str
    account: str
    subject: str
    figure: Decimal = Decimal(1)
    changes: OrderChanges | None = None
    words: str = ""
    """Why a symbol pauses, as a code (pause); empty lets it trade again."""


class Incidents:
    """Lets incidents happen on one exchange. Each raises `Refusal` where it cannot be, and changes nothing then."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lifecycle = desk.lifecycle
        self._tape = desk.tape
        self._known: Mapping[str, Callable[[Incident], VenueOrder | None]] = {
            "reject": self._reject,
            "fill": self._fill,
            "cancel_lingers": self._cancel_lingers,
            "refuse_replacement": self._refuse_replacement,
            "bust": self._bust,
            "correct": self._correct,
            "split": self._split,
            "transfer": self._transfer,
            "pause": self._pause,
        }

    def happen(self, incident: Incident) -> VenueOrder | None:
        """Let one happen; returns the order it brought about, if any."""
        return self._known[incident.what](incident)

    def _order(self, incident: Incident) -> VenueOrder:
        return self._lifecycle.accounts[incident.account].order(incident.subject)

    def _reject(self, incident: Incident) -> None:
        self._desk.reject(self._lifecycle.accounts[incident.account], incident.subject)

    def _fill(self, incident: Incident) -> None:
        """Fill a share of what is left, in whole shares unless it is all; an order that was canceled fills too."""
        order = self._order(incident)
        price = matching.working_limit(order) or order.stop_price or self._tape.last(order.symbol)
        if order.status not in _FILLABLE or price is None:
            raise invalid(f"order in {order.status} state cannot fill")
        paid = matching.on_tick(price, order.side)
        self._lifecycle.fix_shares(order, paid)
        qty = order.remaining * incident.figure
        if incident.figure != 1:
            qty = qty.to_integral_value(ROUND_FLOOR)
        if qty <= ZERO:
            raise invalid("nothing is left to fill")
        for live in self._lifecycle.fill(order, qty, paid):
            self._desk.crossing.at_quote(live)

    def _cancel_lingers(self, incident: Incident) -> None:
        order = self._order(incident)
        if order.status not in LIVE:
            raise invalid(f'order is already in "{order.status}" state')
        self._lifecycle.pend_cancel(order)

    def _refuse_replacement(self, incident: Incident) -> VenueOrder:
        """Take a replacement, answer it as accepted, and reject it; the old order works on."""
        old = self._order(incident)
        new = self._desk.intake.successor(old, incident.changes or OrderChanges())
        answer = new.snapshot()
        self._lifecycle.refuse_successor(old, new)
        return answer

    def _bust(self, incident: Incident) -> None:
        """Declare a trade void: shares and money go back, and its activity is listed no more."""
        account, _, execution = self._execution(incident)
        order = account.order(execution.order_id)
        account.ledger.trade(execution.symbol, -execution.qty * execution.side.sign, execution.price)
        account.busted.add(execution.activity_id)
        left = order.filled_qty - execution.qty
        spent = order.filled_qty * (order.filled_avg_price or ZERO) - execution.qty * execution.price
        order.filled_qty, order.filled_avg_price = left, spent / left if left else None
        if order.status is OrderStatus.FILLED:
            order.status, order.filled_at = OrderStatus.CANCELED, None
        elif order.status is OrderStatus.PARTIALLY_FILLED and not left:
            order.status = OrderStatus.NEW
        self._lifecycle.revise(order, EventName.TRADE_BUST, execution)

    def _correct(self, incident: Incident) -> None:
        """Give a trade another price: the money moves, the shares stay."""
        account, index, execution = self._execution(incident)
        price = execution.price + incident.figure
        if price <= ZERO:
            raise invalid("a trade needs a price above zero")
        order = account.order(execution.order_id)
        corrected = replace(execution, price=price)
        account.executions[index] = corrected
        account.ledger.reprice(execution.symbol, execution.qty * execution.side.sign, incident.figure)
        spent = order.filled_qty * (order.filled_avg_price or ZERO) + execution.qty * incident.figure
        order.filled_avg_price = spent / order.filled_qty
        self._lifecycle.revise(order, EventName.TRADE_CORRECT, corrected)

    def _split(self, incident: Incident) -> None:
        """Split a stock for everybody: open orders of it are canceled, holdings and prices change, worth does not."""
        for account in self._lifecycle.accounts.values():
            for order in account.open_in(incident.subject):
                if order.is_open:
                    self._lifecycle.cancel(order)
            account.ledger.split(incident.subject, incident.figure)
        self._tape.split(incident.subject, incident.figure)

    def _pause(self, incident: Incident) -> None:
        """Let nothing trade in a symbol for a reason, or let it trade again without one."""
        self._tape.of(incident.subject).paused = incident.words

    def _transfer(self, incident: Incident) -> None:
        """Pay cash in, or below zero out; the broker's figure of the day counts it only while a session is open."""
        account, at = self._lifecycle.accounts[incident.account], self._lifecycle.clock.now()
        if account.ledger.cash + incident.figure < ZERO:
            raise invalid("more is paid out than there is")
        account.ledger.cash += incident.figure
        kind = "CSD" if incident.figure > ZERO else "CSW"
        account.transfers.append(Transfer(self._lifecycle.new_id(), kind, incident.figure, at))
        if incident.subject == "session":
            account.intraday_adjustments += incident.figure

    def _execution(self, incident: Incident) -> tuple[VenueAccount, int, Execution]:
        account = self._lifecycle.accounts[incident.account]
        for index, execution in enumerate(account.executions):
            if execution.execution_id == incident.subject and execution.activity_id not in account.busted:
                return account, index, execution
        raise missing(f"trade not found for {incident.subject}")
