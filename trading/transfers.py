"""What was paid in and out of an account: asked of the broker, kept for ever, and told by when it came.

The broker's own figure of the day (`intraday_adjustments`) says nothing of what came between two sessions; its
activities do. Where both speak of the same time the one that knows of more is believed.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Sum

from trading import sessions
from trading.broker.gateway import BrokerGateway
from trading.models import Account, Transfer, TransferReading

EVERY = timedelta(minutes=1)
"""How often the broker is asked (venue's clock); at once where the last answer is of before the last close."""

BACK = timedelta(days=7)
"""How far back is asked: an activity may be told days late, with the date it is of."""

INSTANT = timedelta(microseconds=1)
ZERO = Decimal(0)


def keep(account: Account, gateway: BrokerGateway, *, now: datetime, market_now: datetime) -> None:
    """Ask for what was paid in and out, and keep what is new. `now` is the wall clock.

    Raises what the gateway raises: what is not known must not be judged.
    """
    last = TransferReading.objects.filter(account=account).values_list("until", flat=True).first()
    closed = sessions.last_closed(market_now).close_at
    if last is not None and closed <= last <= market_now < last + EVERY:
        return
    told = gateway.transfers_since(market_now - BACK)
    Transfer.objects.bulk_create(
        (
            Transfer(
                account=account, activity_id=each.activity_id, kind=each.kind, amount=each.amount, at=each.at,
                known_at=now,
            )
            for each in told
        ),
        ignore_conflicts=True,
    )  # fmt: skip
    TransferReading.objects.update_or_create(account=account, defaults={"until": market_now, "read_at": now})


def since_the_close(account: Account, *, market_now: datetime) -> Decimal:
    """USD paid in less paid out since the last session's close, that instant included."""
    return between(account, sessions.last_closed(market_now).close_at, market_now + INSTANT)


def between(account: Account, since: datetime, until: datetime) -> Decimal:
    """USD paid in less paid out from an instant and before another (venue's clock)."""
    found = Transfer.objects.filter(account=account, at__gte=since, at__lt=until).aggregate(paid=Sum("amount"))
    return found["paid"] or ZERO


def settled(account: Account, day: date, *, market_now: datetime) -> Decimal:
    """USD paid in less paid out from the close before the session of `day` to the last close."""
    return between(account, sessions.previous(day).close_at, sessions.last_closed(market_now).close_at)


def larger(one: Decimal, other: Decimal) -> Decimal:
    """Of two tellings of the same payments the one that knows of more."""
    return one if abs(one) >= abs(other) else other
