"""Fills in our books beside the broker's activities: the third way of comparing, of one session. Reads only."""

from datetime import datetime, timedelta

from trading import sessions
from trading.broker.gateway import BrokerGateway
from trading.models import Account, AccountState, Fill
from trading.reconciling.differences import Difference, Done, of_fills

OVERLAP = timedelta(minutes=5)
"""The broker's list is read from so long before the first fill that is compared."""

SETTLES = timedelta(minutes=2)
"""An activity may be listed so much later than the fill was heard (venue's clock)."""


def differences(account: Account, gateway: BrokerGateway, *, market_now: datetime) -> list[Difference]:
    """Fills of the session that the broker tells otherwise. Raises what the gateway raises."""
    ours = _ours(account, market_now=market_now)
    if not ours:
        return []
    since = min(at for at, _ in ours) - OVERLAP
    theirs = [
        Done(fill.broker_order_id, fill.cumulative_quantity, fill.symbol, str(fill.side), fill.quantity, fill.price)
        for fill in gateway.fills_since(since)
    ]
    return of_fills([done for _, done in ours], theirs)


def _ours(account: Account, *, market_now: datetime) -> list[tuple[datetime, Done]]:
    """Fills of orders the broker knows, not reversed by an adjusting entry, old enough to be listed."""
    opened = AccountState.objects.values_list("ledger_opened_at", flat=True).get(account=account)
    rows = Fill.objects.filter(
        account=account,
        session_date=sessions.date_of(market_now),
        filled_at__lte=market_now - SETTLES,
        order__broker_order_id__isnull=False,
        reversal=None,
    )
    if opened is not None:
        rows = rows.filter(filled_at__gte=opened)
    return [
        (
            fill.filled_at,
            Done(
                fill.order.broker_order_id or "",
                fill.cumulative_quantity,
                fill.instrument.symbol,
                fill.side,
                fill.quantity,
                fill.price,
                fill.pk,
            ),
        )
        for fill in rows.select_related("order", "instrument").order_by("filled_at")
    ]
