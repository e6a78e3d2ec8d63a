"""Planned faults for gateways in process: the same plan as on the wire, told in the port's own three errors."""

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any

from trading.broker.gateway import (
    BrokerError,
    BrokerRejected,
    BrokerUnavailable,
    ClockReport,
    OrderReport,
    OutcomeUnknown,
)
from trading.choices import OrderClass
from trading.venue.faults.answers import UNKNOWN_STATUS
from trading.venue.faults.menu import READS, Outcome, Place
from trading.venue.faults.plan import Fault, Plan
from trading.venue.faults.telling import UNKNOWN_EVENT, Form
from trading.venue.values import Refusal


def strange(report: OrderReport) -> OrderReport:
    """The report of an order whose status nobody has heard of."""
    return replace(report, status=None, raw_status=UNKNOWN_STATUS)


def nulled(report: OrderReport) -> OrderReport:
    """The report that is left of an order with null where a value is promised."""
    return replace(
        report,
        submitted_at=None,
        updated_at=None,
        filled_average_price=None,
        filled_quantity=Decimal(0),
        order_class=OrderClass.SIMPLE,
        legs=(),
        execution=None,
    )


def poisoned(report: OrderReport) -> OrderReport:
    """The report of an order whose words are damaged: the wire's reader makes them harmless and knows none of them."""
    return replace(report, status=None, raw_status=f"{report.raw_status}\u202egnp.exe\ufffd\ufffd")


_SPOILED: dict[str, Callable[[OrderReport], OrderReport]] = {
    "unknown_status": strange,
    "null_fields": nulled,
    "poison_text": poisoned,
}

REPORTS: Form[OrderReport | None] = Form(
    word=lambda report: report.event if report else "",
    symbol=lambda report: report.symbol if report else "",
    order=lambda report: report.broker_order_id if report else "",
    spoil={
        "unknown_event": lambda report: report and replace(report, event=UNKNOWN_EVENT),
        "event_unknown_status": lambda report: report and strange(report),
        "event_null_data": lambda report: None,
        "event_null_fields": lambda report: report and nulled(report),
        "event_poison_text": lambda report: report and poisoned(report),
    },
)
"""Events of the stream as reports; None is a message without data, which no reader can make a report of."""


def through[T](plan: Plan | None, kind: str, account: str, symbols: Collection[str], do: Callable[[], T]) -> T:
    """Make a call of one kind, and let its fault strike. Raises what the wire's gateway would."""
    if plan is None or not plan.has(Place.CALL):
        return do()
    fault = plan.strike(Place.CALL, kind, account, symbols)
    if fault is None:
        return do()
    return _struck(fault, kind, do)


def _struck[T](fault: Fault, kind: str, do: Callable[[], T]) -> T:
    what = f"{kind}: {fault.known.says}"
    match fault.known.outcome:
        case Outcome.LIMITED:
            raise BrokerUnavailable(what)
        case Outcome.REFUSED:
            raise BrokerRejected(what, status=401)
        case Outcome.LATE:
            return do()
        case Outcome.ODD:
            spoiled: T = _spoiled(fault, do())
            return spoiled
    if fault.known.accepts:
        # A refusal whose answer is lost looks like any other lost answer.
        with suppress(BrokerError, Refusal):
            do()
    raise (BrokerUnavailable if kind in READS else OutcomeUnknown)(what)


def _spoiled(fault: Fault, answer: Any) -> Any:
    match answer:
        case ClockReport():
            return replace(answer, at=answer.at + fault.set("seconds"))
        case OrderReport():
            return _SPOILED[fault.name](answer)
        case tuple():
            return tuple(_spoiled(fault, each) for each in answer)
        case _:
            return answer
