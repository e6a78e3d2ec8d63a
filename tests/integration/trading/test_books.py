"""Cash, positions and lots by our books against a plain sum, and against the venue's own after a random session."""

import random
from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.orderpath import CASH, MARKET, WALL, activity, execution, open_account, sent
from tests.robot import WISHES, Robot, robot, script
from tests.venue import DAYS
from trading import healing, orders
from trading.choices import Side
from trading.models import AccountState, Fill, Lot, LotClosing, Order, Position
from trading.orders import Heard

pytestmark = pytest.mark.django_db

PRICES = st.integers(100, 100_000).map(lambda cents: f"{Decimal(cents) / 100:f}")
TRADES = st.lists(
    st.tuples(
        st.sampled_from([Side.BUY, Side.SELL]), st.lists(st.tuples(st.integers(1, 60), PRICES), min_size=1, max_size=4)
    ),
    min_size=1,
    max_size=6,
)


class _Undo(Exception):
    pass


class TestTheBooks:
    @given(TRADES, st.randoms(use_true_random=False))
    @settings(
        max_examples=10,
        derandomize=True,
        phases=[Phase.generate],  # shrinking takes minutes where each example writes to a database
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    def test_equal_the_sum_of_all_fills_however_they_are_heard(
        self, db: None, trades: list[tuple[Side, list[tuple[int, str]]]], chance: random.Random
    ) -> None:
        try:
            with transaction.atomic():
                self._play(trades, chance)
                raise _Undo
        except _Undo:
            pass

    def _play(self, trades: list[tuple[Side, list[tuple[int, str]]]], chance: random.Random) -> None:
        account = open_account()
        cash, held, fills, second = CASH, 0, 0, 0
        for side, parts in trades:
            order = sent(account, side=side, quantity=sum(quantity for quantity, _ in parts))
            done, told = 0, []
            for quantity, price in parts:
                done, second = done + quantity, second + 1
                told.append((quantity, price, done, MARKET + timedelta(seconds=second)))
                sign = 1 if side == Side.BUY else -1
                cash, held, fills = cash - sign * quantity * Decimal(price), held + sign * quantity, fills + 1
            heard = [*told, chance.choice(told)]
            chance.shuffle(heard)
            for quantity, price, cumulative, at in heard:
                said = execution(order, quantity, price, cumulative, at=at)
                orders.apply_report(account, said, now=WALL, heard=Heard.STREAM)
            order.refresh_from_db()
            orders.apply_fills(account, [activity(order, q, p, c, at=at) for q, p, c, at in told], now=WALL)

        assert AccountState.objects.get(account=account).ledger_cash == cash
        assert Fill.objects.filter(account=account).count() == fills
        _lots_agree(account.pk, held)

    def test_sell_the_oldest_shares_first(self, db: None) -> None:
        account = open_account()
        for second, (side, price) in enumerate([(Side.BUY, "100"), (Side.BUY, "110"), (Side.SELL, "120")]):
            order = sent(account, side=side, quantity=10)
            at = MARKET + timedelta(seconds=second)
            orders.apply_report(account, execution(order, 10, price, 10, at=at), now=WALL, heard=Heard.STREAM)

        assert LotClosing.objects.get().realised_pnl == 200
        assert Lot.objects.exclude(remaining=0).get().price == 110


def _lots_agree(account_id: int, held: int) -> None:
    """Lots carry the position and its cost; closings carry what was realised."""
    position = Position.objects.get(account_id=account_id)
    lots = Lot.objects.filter(account_id=account_id).exclude(remaining=0)
    assert position.quantity == held == sum((lot.remaining for lot in lots), Decimal(0))
    cost = sum((lot.remaining * lot.price for lot in lots), Decimal(0))
    assert abs(position.quantity * position.average_price - cost) < Decimal("0.01")
    closings = LotClosing.objects.filter(lot__account_id=account_id)
    realised = closings.aggregate(total=Sum("realised_pnl"))["total"] or 0
    assert position.realised_pnl == realised
    # What was paid and got back is either realised or still in the lots.
    assert AccountState.objects.get(account_id=account_id).ledger_cash == CASH + realised - cost


class TestASession:
    @pytest.mark.parametrize("seed", [1])
    def test_of_random_prices_and_wishes_ends_with_the_venues_figures(self, seed: int) -> None:
        chance = random.Random(seed)
        walk: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(100)])

        def price(symbol: str, minute: int) -> str:
            while len(walk[symbol]) <= minute:
                walk[symbol].append(walk[symbol][-1] + Decimal(chance.randint(-90, 90)) / 100)
            return f"{walk[symbol][minute]:f}"

        with robot(script(price, minutes=32)) as desk:
            for minute in range(6, 28):
                for symbol in ("AAPL", "MSFT"):
                    WISHES.by_minute[symbol, minute] = chance.choice(["long", "flat", "", ""])

            for _ in range(30):
                desk.minute()

            assert Fill.objects.count() > 4
            _equal_the_venue(desk)


def _equal_the_venue(desk: Robot) -> None:
    """At a quiet moment: after a last look, with nothing played since."""
    healing.heal(desk.account, desk.gateway, now=desk.now, market_now=desk.gateway.clock().at)
    theirs = {held.symbol: (held.quantity, held.average_price) for held in desk.gateway.positions()}
    ours = {
        row.instrument.symbol: (row.quantity, row.average_price)
        for row in Position.objects.exclude(quantity=0).select_related("instrument")
    }
    assert {symbol: held for symbol, (held, _) in ours.items()} == {
        symbol: held for symbol, (held, _) in theirs.items()
    }
    assert AccountState.objects.get().ledger_cash == desk.gateway.account().cash
    told = desk.gateway.fills_since(DAYS[0].open)
    assert {(fill.broker_order_id, fill.cumulative_quantity, fill.price) for fill in told} == set(
        Fill.objects.values_list("order__broker_order_id", "cumulative_quantity", "price")
    )
    assert not Order.objects.fill_missing().exists()
