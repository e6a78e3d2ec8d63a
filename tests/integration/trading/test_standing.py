"""The database adds an account up to the same sums as the pure arithmetic does, whatever lies in the books."""

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from risk.pre_trade import totals
from tests.orderpath import MARKET, WALL, open_account, sent
from trading import portfolio
from trading.choices import OrderStatus, Purpose, Side
from trading.models import Account, Instrument, Order, Position
from trading.reading import books, standing

pytestmark = pytest.mark.django_db

SYMBOLS = ("AAPL", "MSFT", "GOOG", "IBM", "ORCL")
CENT = Decimal("0.000001")

STATUSES = (
    OrderStatus.UNKNOWN,
    OrderStatus.ACCEPTED,
    OrderStatus.HELD,
    OrderStatus.PARTIALLY_FILLED,
    OrderStatus.PENDING_CANCEL,
    OrderStatus.FILLED,
    OrderStatus.CANCELED,
)


def furnish(account: Account, seed: int) -> dict[str, Decimal]:
    """Orders of every purpose and state, positions of both signs, and marks for most symbols."""
    draw = random.Random(seed)
    sectors = ("", "hardware", "software")
    for symbol in SYMBOLS:
        Instrument.objects.update_or_create(
            symbol=symbol, defaults={"tradable": True, "checked_at": WALL, "sector": draw.choice(sectors)}
        )
    for _ in range(draw.randrange(1, 25)):
        order = sent(account, symbol=draw.choice(SYMBOLS), quantity=draw.randrange(1, 90), side=draw.choice(list(Side)))
        status, filled = draw.choice(STATUSES), draw.randrange(0, int(order.quantity) + 1)
        stop = draw.choice((None, Decimal(draw.randrange(80, 120))))
        Order.objects.filter(pk=order.pk).update(
            purpose=draw.choice(list(Purpose)), stop_price=stop, filled_quantity=filled
        )
        Order.objects.filter(pk=order.pk).update(
            status=status, booked_quantity=filled if draw.random() < 0.7 else draw.randrange(0, filled + 1)
        )
    for symbol in draw.sample(SYMBOLS, draw.randrange(0, 5)):
        Position.objects.create(
            account=account,
            mode=account.mode,
            instrument=Instrument.objects.get(symbol=symbol),
            quantity=draw.choice((-1, 1)) * draw.randrange(1, 60),
            average_price=draw.randrange(80, 120),
            updated_at=WALL,
        )
    known = [symbol for symbol in SYMBOLS if draw.random() < 0.9]
    return {symbol: Decimal(draw.randrange(8000, 12000)) / 100 for symbol in known}


def rounded(sums: totals.Totals) -> totals.Totals:
    """Sums to a millionth of a dollar: both sides divide, and not to as many digits."""
    return replace(
        sums,
        gross=sums.gross.quantize(CENT),
        largest=sums.largest.quantize(CENT),
        by_symbol={symbol: value.quantize(CENT) for symbol, value in sums.by_symbol.items()},
        by_sector={name: value.quantize(CENT) for name, value in sums.by_sector.items()},
        reserved=sums.reserved.quantize(CENT),
        unpriced=tuple(sorted(set(sums.unpriced))),
        open_risk=sums.open_risk.quantize(CENT),
        leaving={key: value.quantize(CENT) for key, value in sums.leaving.items()},
    )


def of_symbol(sums: totals.Totals, symbol: str) -> totals.Totals:
    """The part of the sums that the statement tells for one symbol."""
    sector = Instrument.objects.get(symbol=symbol).sector
    return replace(
        sums,
        by_sector={name: value for name, value in sums.by_sector.items() if name == sector},
        by_symbol={name: value for name, value in sums.by_symbol.items() if name == symbol},
        sector_of={name: value for name, value in sums.sector_of.items() if name == symbol},
        resting={key: what for key, what in sums.resting.items() if key[0] == symbol},
        leaving={key: value for key, value in sums.leaving.items() if key[0] == symbol},
    )


class TestRead:
    @pytest.mark.parametrize("seed", range(40))
    def test_adds_up_to_what_the_arithmetic_says(self, seed: int) -> None:
        account = open_account()
        marks = furnish(account, seed)
        held = books.read(account.pk)
        expected = portfolio.sums(held, marks)

        for symbol in SYMBOLS:
            found = standing.read(
                account.pk, symbol, marks=standing.written(marks), market_now=MARKET + timedelta(days=1)
            )

            assert of_symbol(rounded(found.totals), symbol) == of_symbol(rounded(expected), symbol)
            shares = {line.symbol: line.quantity for line in held.positions}
            assert (found.holding.quantity if found.holding else None) == shares.get(symbol)

    def test_takes_one_statement_however_much_there_is(self) -> None:
        account = open_account()
        marks = furnish(account, 1)

        with CaptureQueriesContext(connection) as asked:
            standing.read(account.pk, "AAPL", marks=standing.written(marks), market_now=MARKET)

        assert len(asked) == 1

    def test_says_why_a_symbol_is_blocked(self) -> None:
        account = open_account()
        Instrument.objects.create(symbol="IBM")
        unknown = sent(account, symbol="AAPL", status=OrderStatus.UNKNOWN)
        unbooked = sent(account, symbol="MSFT", status=OrderStatus.FILLED)
        Order.objects.filter(pk=unbooked.pk).update(filled_quantity=100)

        blocked = {
            symbol: standing.read(account.pk, symbol, marks="{}", market_now=MARKET).blocked
            for symbol in ("AAPL", "MSFT", "IBM")
        }

        assert blocked["AAPL"]["AAPL"] == "an order there has no known outcome"
        assert blocked["MSFT"]["MSFT"] == "a fill there is not booked yet"
        assert set(blocked["IBM"]) == {"*"}, "nobody hears this account"
        assert unknown.status == OrderStatus.UNKNOWN
