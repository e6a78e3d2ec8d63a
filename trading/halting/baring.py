"""Telling at once of shares that a halt has left without a live stop: an open breach, and with it a critical alert."""

from datetime import datetime
from decimal import Decimal

from risk import breaches, limits
from risk.at_trade.values import AlarmCode
from trading import sessions
from trading.models import Account

LIMIT = "naked_seconds"
CONTROL = 29
BY = "halt"
DONE = "a person decides; the next look arms or closes what still lies bare"


def tell(account: Account, symbol: str, quantity: Decimal, why: str, *, market_now: datetime, now: datetime) -> None:
    """Keep a breach of control 29 for the symbol; one that stands open already is enough."""
    limit = limits.in_force(account=account.number, symbol=symbol, now=now).get(LIMIT)
    if limit is None:
        return
    shares = f"{abs(quantity).normalize():f}"
    breaches.open_sighting(
        breaches.Sighting(
            account=account.number,
            mode=account.mode,
            code=AlarmCode.POSITION_NAKED.value,
            control=CONTROL,
            limit=limit,
            seen=f"{shares} {symbol} without a live stop",
            sentence=f"{shares} {symbol} were left without a live stop by a halt: {why} Close them or arm a stop.",
            done=DONE,
            session_date=sessions.date_of(market_now),
            broken=True,
            symbol=symbol,
        ),
        by=BY,
        now=now,
    )
