"""Getting an account ready to trade: its rows, and what the broker must say and be told before the first pass."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from audit import trail
from trading import healing, market_data, portfolio
from trading.broker.gateway import BrokerGateway
from trading.models import Account, AccountState, Instrument, Strategy


class OtherMode(Exception):
    """The account is on the desk in the other mode; a number never changes its mode."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A strategy to begin with: its rule, parameters and symbols."""

    name: str
    rule: str
    symbols: Sequence[str]
    parameters: dict[str, Any]
    risk_fraction: Decimal = Decimal("0.001")


STARTERS = (
    Plan("trend", "trend_following", ("AAPL", "GOOG"), {}),
    Plan("reversion", "mean_reversion", ("IBM", "MSFT"), {}),
    Plan("consensus", "consensus", ("FB",), {}),
)
"""What a new desk trades until its people decide otherwise."""

SECTORS = {"AAPL": "hardware", "FB": "social media", "GOOG": "search", "IBM": "services", "MSFT": "software"}


def open_account(
    number: str, mode: str, *, name: str, active: bool, plans: Iterable[Plan], by: str, now: datetime
) -> Account:
    """Make the rows of an account that are missing; an account that is there stays as people left it.

    Raises:
        OtherMode: the account is there, and is paper where it should be live or the other way round.
    """
    with transaction.atomic():
        account, fresh = Account.objects.get_or_create(
            number=number, defaults={"name": name, "mode": mode, "active": active, "created_at": now}
        )
        if account.mode != mode:
            raise OtherMode(
                f"Account {number} is on this desk as a {account.mode} account, its keys are configured as {mode}:"
                " correct TRADING_MODE or the kind in ALPACA_ACCOUNTS_FILE."
            )
        AccountState.objects.get_or_create(account=account)
        if not fresh:
            return account
        for plan in plans:
            _add(account, plan, now=now)
        trail.record(
            event="account.opened",
            account=number,
            mode=mode,
            subject=number,
            sentence=f"{account} is on the desk",
            by=by,
            now=now,
        )
    return account


def _add(account: Account, plan: Plan, *, now: datetime) -> None:
    for symbol in plan.symbols:
        Instrument.objects.get_or_create(symbol=symbol, defaults={"sector": SECTORS.get(symbol, "")})
    Strategy.objects.create(
        account=account,
        name=plan.name,
        rule=plan.rule,
        parameters=plan.parameters,
        symbols=list(plan.symbols),
        risk_fraction=plan.risk_fraction,
        active=True,
        created_at=now,
    )


def make_ready(account: Account, gateway: BrokerGateway, *, now: datetime) -> list[str]:
    """Ask and tell the broker what the first pass needs; returns the symbols it does not know.

    Describes the instruments, forbids short sales at the broker, opens the books, fetches the bars and volumes of the
    last days and catches up with orders. Safe to repeat; raises what the gateway raises.
    """
    symbols = market_data.symbols_of(account)
    unknown = market_data.describe(gateway, symbols, now=now)
    if gateway.shorting_allowed():
        gateway.forbid_shorting()
    portfolio.keep_settings(account, gateway)
    market_now = gateway.clock().at
    portfolio.open_books(account, gateway, now=now, market_now=market_now)
    portfolio.keep_figures(account, gateway, now=now, market_now=market_now)
    known = [symbol for symbol in symbols if symbol not in unknown]
    if known:
        market_data.backfill(gateway, known, until=market_now)
        market_data.keep_volumes(gateway, known, market_now=market_now)
    healing.heal(account, gateway, now=now, market_now=market_now)
    return unknown
