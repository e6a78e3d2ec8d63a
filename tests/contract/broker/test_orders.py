"""What every broker behind the port promises of orders."""

from decimal import Decimal
from uuid import uuid4

import pytest

from tests.contract.broker.rigs import Rig, eventually, market_order, order
from trading.broker.gateway import BrokerRejected, Replacement
from trading.choices import TERMINAL, OrderClass, OrderStatus, OrderType, Side, TimeInForce


class TestSubmit:
    def test_reports_the_order_under_our_id(self, rig: Rig) -> None:
        wanted = order(quantity=Decimal("0.123456789"))

        report = rig.gateway.submit(wanted)

        assert report.client_order_id == wanted.client_order_id
        assert (report.symbol, report.side, report.type) == ("AAPL", Side.BUY, OrderType.LIMIT)
        assert (report.quantity, report.limit_price) == (Decimal("0.123456789"), Decimal("1.50"))
        assert (report.status, report.filled_quantity) == (OrderStatus.ACCEPTED, Decimal(0))
        assert report.submitted_at is not None
        rig.gateway.cancel(report.broker_order_id)

    def test_adopts_the_order_when_its_id_is_taken(self, rig: Rig) -> None:
        wanted = order()
        first = rig.gateway.submit(wanted)

        second = rig.gateway.submit(wanted)

        assert second.broker_order_id == first.broker_order_id
        assert [each.broker_order_id for each in rig.gateway.open_orders()].count(first.broker_order_id) == 1
        rig.gateway.cancel(first.broker_order_id)

    @pytest.mark.parametrize(
        "wanted",
        [order(symbol="NOSUCHTHING"), order(quantity=Decimal(10_000_000)), order(limit_price=Decimal("1.505"))],
        ids=["unknown symbol", "beyond buying power", "sub-penny"],
    )
    def test_leaves_no_order_behind_when_refused(self, rig: Rig, wanted: object) -> None:
        asked = order(**{name: getattr(wanted, name) for name in ("symbol", "quantity", "limit_price")})

        with pytest.raises(BrokerRejected) as caught:
            rig.gateway.submit(asked)

        assert caught.value.reason
        assert caught.value.status in {403, 422}
        assert rig.gateway.order_by_client_id(asked.client_order_id) is None

    def test_refuses_a_number_that_cannot_be_sent(self, rig: Rig) -> None:
        with pytest.raises(BrokerRejected, match="not sent"):
            rig.gateway.submit(order(quantity=Decimal("NaN")))

    def test_attaches_held_legs_to_a_bracket(self, rig: Rig) -> None:
        wanted = order(
            order_class=OrderClass.BRACKET,
            time_in_force=TimeInForce.GTC,
            take_profit_price=Decimal("3.00"),
            stop_loss_price=Decimal("1.00"),
        )

        placed = rig.gateway.submit(wanted)

        report = rig.gateway.order(placed.broker_order_id)
        assert report is not None
        assert report.order_class is OrderClass.BRACKET
        assert {leg.type for leg in report.legs} == {OrderType.LIMIT, OrderType.STOP}
        assert all(leg.side is Side.SELL and leg.status not in TERMINAL for leg in report.legs)
        rig.gateway.cancel(placed.broker_order_id)


class TestLookUp:
    def test_finds_an_order_by_either_id_and_among_the_open_ones(self, rig: Rig) -> None:
        placed = rig.gateway.submit(order())

        by_id = rig.gateway.order(placed.broker_order_id)
        by_ours = rig.gateway.order_by_client_id(placed.client_order_id)

        assert by_id is not None
        assert by_ours is not None
        assert by_id.client_order_id == by_ours.client_order_id == placed.client_order_id
        assert placed.broker_order_id in {each.broker_order_id for each in rig.gateway.open_orders()}
        assert placed.submitted_at is not None
        since = rig.gateway.orders_since(placed.submitted_at.replace(microsecond=0))
        assert placed.submitted_at.microsecond == 0 or placed.broker_order_id in {e.broker_order_id for e in since}
        rig.gateway.cancel(placed.broker_order_id)

    def test_finds_nothing_where_there_is_nothing(self, rig: Rig) -> None:
        assert rig.gateway.order(str(uuid4())) is None
        assert rig.gateway.order_by_client_id(str(uuid4())) is None


class TestCancel:
    def test_ends_an_order_without_a_fill(self, rig: Rig) -> None:
        placed = rig.gateway.submit(order())

        rig.gateway.cancel(placed.broker_order_id)

        ended = eventually(
            lambda: rig.gateway.order(placed.broker_order_id),
            lambda seen: seen is not None and seen.status is OrderStatus.CANCELED,
        )
        assert ended is not None
        assert ended.filled_quantity == 0
        assert placed.broker_order_id not in {each.broker_order_id for each in rig.gateway.open_orders()}

    def test_refuses_an_order_it_does_not_know(self, rig: Rig) -> None:
        with pytest.raises(BrokerRejected) as caught:
            rig.gateway.cancel(str(uuid4()))

        assert caught.value.status == 404

    def test_refuses_a_filled_order(self, moving: Rig) -> None:
        placed = moving.gateway.submit(market_order("1"))
        moving.step()

        with pytest.raises(BrokerRejected) as caught:
            moving.gateway.cancel(placed.broker_order_id)

        assert caught.value.status == 422


class TestCancelAll:
    def test_tells_the_outcome_of_each_order(self, moving: Rig) -> None:
        placed = {moving.gateway.submit(order()).broker_order_id for _ in range(3)}

        outcomes = moving.gateway.cancel_all()

        assert {each.broker_order_id for each in outcomes if each.accepted} == placed
        assert moving.gateway.open_orders() == ()
        assert moving.gateway.cancel_all() == ()


class TestReplace:
    def test_gives_a_new_order_that_points_at_the_old(self, moving: Rig) -> None:
        old = moving.gateway.submit(order())
        moving.step()

        new = moving.gateway.replace(old.broker_order_id, Replacement(str(uuid4()), limit_price=Decimal("1.60")))

        seen = moving.gateway.order(old.broker_order_id)
        assert new.broker_order_id != old.broker_order_id
        assert (new.replaces, new.limit_price) == (old.broker_order_id, Decimal("1.60"))
        assert seen is not None
        assert (seen.status, seen.replaced_by) == (OrderStatus.REPLACED, new.broker_order_id)
        assert [each.broker_order_id for each in moving.gateway.open_orders()] == [new.broker_order_id]

    def test_refuses_an_order_that_is_over(self, moving: Rig) -> None:
        old = moving.gateway.submit(order())
        moving.gateway.cancel(old.broker_order_id)

        with pytest.raises(BrokerRejected):
            moving.gateway.replace(old.broker_order_id, Replacement(str(uuid4()), limit_price=Decimal("1.60")))


class TestOpenOrders:
    def test_lists_every_order_beyond_one_page(self, moving: Rig) -> None:
        placed = set()
        for count in range(505):
            if count == 3:
                moving.step()
            placed.add(moving.gateway.submit(order()).broker_order_id)

        seen = [each.broker_order_id for each in moving.gateway.open_orders()]

        assert len(seen) == 505
        assert set(seen) == placed
