"""The rows of one run's desk: an account, its strategy, its symbols and the shipped limits."""

from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from risk import limits
from tests.crash.environment import NUMBER
from tests.crash.market import SYMBOLS
from trading import market_data
from trading.broker import factory
from trading.models import Account, AccountState, Instrument, Strategy

QUICK = {"compare_working_seconds": "2", "compare_idle_seconds": "2"}
"""Limits that a short run needs stricter."""

SECTORS = {"AAPL": "hardware", "MSFT": "software", "IBM": "services", "GOOG": "search"}


def furnish() -> datetime:
    """Put the desk into an empty database; returns when."""
    now = timezone.now()
    factory.forget()
    gateway = factory.gateway_for(NUMBER)
    account = Account.objects.create(number=NUMBER, name="crash", mode="paper", active=True, created_at=now)
    AccountState.objects.create(account=account)
    gateway.forbid_shorting()
    market_data.describe(gateway, SYMBOLS, now=now)
    market_data.keep_volumes(gateway, SYMBOLS, market_now=gateway.clock().at)
    for symbol, sector in SECTORS.items():
        Instrument.objects.filter(symbol=symbol).update(sector=sector)
    limits.install_policy(by="crash rig", now=now, symbols=SYMBOLS)
    for name, seconds in QUICK.items():
        limits.tighten(
            name=name, scope_kind="firm", scope_key="", value=seconds, reason="a run is short", by="crash rig", now=now
        )
    Strategy.objects.create(
        account=account,
        name="planned",
        rule="planned",
        symbols=list(SYMBOLS),
        risk_fraction=Decimal("0.001"),
        active=True,
        created_at=now,
    )
    factory.forget()
    return now
