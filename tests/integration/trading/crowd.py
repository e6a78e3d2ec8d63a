"""A market and accounts in which the real gate says yes as often as wanted, for tests that decide many entries."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from unittest import mock

from django.db import transaction

from risk import halts, in_force, limits
from risk.exposure import ProposedOrder
from risk.standing import HaltView, LimitInForce, Limits
from trading import leases, orders, portfolio
from trading.broker.gateway import QuoteReport
from trading.choices import OrderClass, OrderType, Purpose, Side, TimeInForce
from trading.models import Account, AccountState, Instrument, Signal, Strategy
from trading.proposing import decisions
from trading.streams import hearing

AT = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
"""The venue's clock: half an hour into a session."""

VOLUMES_OF = AT.date() - timedelta(days=3)
EQUITY = Decimal(1_000_000)
SYMBOLS = [f"S{number:02d}" for number in range(40)]
COUNTS = ("positions", "entries_day", "entries_symbol_day", "messages_minute", "messages_day", "gap_fraction")

_read = in_force.read


def roomy() -> AbstractContextManager[object]:
    """The shipped policy but for counts, which would stop many entries before any sum of dollars does."""

    def read(proposed: ProposedOrder, *, now: datetime) -> tuple[Limits, HaltView]:
        binding, halts = _read(proposed, now=now)
        binding |= {name: LimitInForce(name, Decimal(10**6), 1, "firm") for name in COUNTS}
        return binding, halts

    return mock.patch.object(in_force, "read", read)


def market() -> dict[str, Instrument]:
    """Forty instruments and the shipped policy over them; by symbol."""
    now = datetime.now(UTC)
    Instrument.objects.bulk_create(
        Instrument(
            symbol=symbol, tradable=True, leveraged=False, sector=f"sector {number % 10}", checked_at=now,
            exchange="NASDAQ", average_volume=Decimal(50_000_000), average_volume_date=VOLUMES_OF,
        )
        for number, symbol in enumerate(SYMBOLS)
    )  # fmt: skip
    limits.install_policy(by="test", now=now, symbols=SYMBOLS)
    return {row.symbol: row for row in Instrument.objects.all()}


def furnished(number: str) -> Account:
    """An account that hears its fills and whose figures the broker has just told."""
    now = datetime.now(UTC)
    account = Account.objects.create(number=number, name="crowd", mode="paper", created_at=now)
    figures = dict.fromkeys(("cash", "equity", "last_equity", "buying_power", "ledger_cash", "peak_equity"), EQUITY)
    AccountState.objects.create(
        account=account, figures_at=now, pinned_number=number, status="ACTIVE", shorting_enabled=False,
        ledger_opened_at=AT, heard_at=AT, **figures,
    )  # fmt: skip
    hearing.own(account.pk, holder="crowd")
    hearing.heard(account.pk, holder="crowd")
    return account


def leased(account: Account) -> leases.Lease:
    taken = leases.acquire(account.pk, holder="crowd", now=datetime.now(UTC))
    assert taken is not None
    return taken


def entry(
    account: Account,
    instrument: Instrument,
    *,
    side: Side = Side.BUY,
    quantity: int | Decimal = 1,
    limit: Decimal = Decimal(100),
    strategy: Strategy | None = None,
    signal: Signal | None = None,
) -> orders.Proposal:
    """A bracket near the market."""
    return orders.Proposal(
        account=account, instrument=instrument, purpose=Purpose.ENTRY, side=side, quantity=Decimal(quantity),
        type=OrderType.LIMIT, time_in_force=TimeInForce.GTC, order_class=OrderClass.BRACKET, by="crowd",
        limit_price=limit, take_profit_price=Decimal(104), stop_loss_price=Decimal(98), reference_price=Decimal(100),
        strategy=strategy, signal=signal,
    )  # fmt: skip


def moment(lease: leases.Lease) -> decisions.Moment:
    """Now, at 100 USD whatever the symbol."""
    prices = portfolio.Prices(
        dict.fromkeys(SYMBOLS, Decimal(100)),
        {name: QuoteReport(name, Decimal("99.99"), Decimal("100.01"), AT) for name in SYMBOLS},
        dict.fromkeys(SYMBOLS, Decimal(100)),
    )
    return decisions.Moment(datetime.now(UTC), AT, prices, lease, pass_id="")


def decide(proposal: orders.Proposal, lease: leases.Lease) -> orders.Decided:
    """The real decision."""
    return decisions.decide(proposal, moment(lease))


@contextmanager
def halting(account: Account) -> Iterator[None]:
    """A halt of the account that is engaged when the block ends, and that decisions wait for until then."""
    with transaction.atomic():
        halts.engage(
            level="H1", scope_kind="account", scope_key=account.number, reason="stop", by="ann", now=datetime.now(UTC)
        )
        yield
