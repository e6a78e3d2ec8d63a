"""What a refusal says of an order that the broker may have all the same: settled by looking, never by sending."""

from trading.broker.gateway import BrokerError, BrokerGateway, BrokerRejected, OrderReport, OutcomeUnknown
from trading.choices import OrderStatus


def adopt(gateway: BrokerGateway, client_order_id: str, refusal: BrokerRejected) -> OrderReport:
    """Return the order whose id is taken: it exists, and it is ours. Raises `OutcomeUnknown` where it is not shown."""
    try:
        report = gateway.order_by_client_id(client_order_id)
    except BrokerError as problem:
        raise OutcomeUnknown(f"{refusal.reason}: it exists, and could not be read: {problem}") from problem
    if report is None:
        raise OutcomeUnknown(f"{refusal.reason}: it exists, and the broker does not show it yet")
    return report


def replaced_after_all(
    gateway: BrokerGateway, old_id: str, client_order_id: str, refusal: BrokerRejected
) -> OrderReport:
    """Settle a refused replacement: such refusals were seen of replacements that took effect.

    Raises the refusal where the old order is untouched, `OutcomeUnknown` where that cannot be told.
    """
    try:
        new, old = gateway.order_by_client_id(client_order_id), gateway.order(old_id)
    except BrokerError as problem:
        raise OutcomeUnknown(f"{refusal.reason}; whether it was replaced could not be read: {problem}") from problem
    if new is not None:
        return new
    if old is None or old.replaced_by or old.status in {None, OrderStatus.PENDING_REPLACE, OrderStatus.REPLACED}:
        raise OutcomeUnknown(f"{refusal.reason}; the old order does not look untouched")
    raise refusal
