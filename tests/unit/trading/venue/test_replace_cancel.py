"""Replacing and canceling orders."""

from decimal import Decimal
from typing import Any

import pytest

from tests.unit.trading.venue.trading_day import ACCOUNT, TradingDay, at_market, refused
from trading.venue.values import OrderChanges, StopLoss, TakeProfit
from trading.venue.words import OrderClass, OrderStatus, OrderType, TimeInForce

LIMIT = OrderType.LIMIT
EXITS: dict[str, Any] = {"take_profit": TakeProfit(Decimal(105)), "stop_loss": StopLoss(Decimal(95))}


class TestReplace:
    def test_gives_a_new_order_that_is_linked_to_the_old_one(self) -> None:
        day = at_market()
        old = day.buy("10", LIMIT, limit_price="90", client_order_id="first")

        new = day.exchange.replace(ACCOUNT, old.id, OrderChanges(limit_price=Decimal(91), qty=Decimal(12)))

        assert (new.replaces, day.now(old).replaced_by) == (old.id, new.id)
        assert (new.limit_price, new.qty, new.time_in_force) == (Decimal(91), Decimal(12), TimeInForce.DAY)
        assert [day.status(one) for one in (old, new)] == ["replaced", "new"]
        assert day.told(old)[-1] == "replaced"
        assert day.exchange.order_by_client_id(ACCOUNT, "first").id == old.id

    def test_uses_the_buying_power_of_the_old_order(self) -> None:
        day = at_market(cash="1000")
        old = day.buy("10", LIMIT, limit_price="99")

        new = day.exchange.replace(ACCOUNT, old.id, OrderChanges(limit_price=Decimal(100)))

        assert day.exchange.figures(ACCOUNT).buying_power == 0
        assert day.status(new) is OrderStatus.NEW

    def test_can_fill_at_once(self) -> None:
        day = at_market()
        old = day.buy("10", LIMIT, limit_price="90")

        new = day.exchange.replace(ACCOUNT, old.id, OrderChanges(limit_price=Decimal(101)))

        assert day.now(new).filled_avg_price == Decimal("100.01")

    def test_carries_the_full_quantity_of_a_partly_filled_order(self) -> None:
        day = at_market()
        old = day.buy("10", LIMIT, limit_price="99")
        day.bar("99 99 99 99", volume=40)

        new = day.exchange.replace(ACCOUNT, old.id, OrderChanges(limit_price=Decimal(98)))

        assert (new.qty, new.filled_qty, day.now(old).filled_qty) == (Decimal(10), Decimal(0), Decimal(4))

    def test_loses_its_place_in_the_line(self) -> None:
        day = at_market()
        first, second = day.buy("10", LIMIT, limit_price="98"), day.buy("10", LIMIT, limit_price="99")
        moved = day.exchange.replace(ACCOUNT, first.id, OrderChanges(limit_price=Decimal(99)))

        day.bar("99 99 99 99", volume=100)

        assert [day.status(one) for one in (second, moved)] == ["filled", "new"]

    def test_moves_a_trailing_stop_s_distance(self) -> None:
        day = at_market()
        day.buy("10")
        old = day.sell("10", OrderType.TRAILING_STOP, trail_price="2")

        new = day.exchange.replace(ACCOUNT, old.id, OrderChanges(trail=Decimal(5)))

        assert (new.trail_price, new.hwm, new.stop_price) == (Decimal(5), Decimal(100), Decimal(95))

    def test_moves_the_exits_of_a_bracket_and_keeps_them_a_pair(self) -> None:
        day = at_market()
        _, loss = day.buy("10", order_class=OrderClass.BRACKET, **EXITS).legs

        new = day.exchange.replace(ACCOUNT, loss.id, OrderChanges(stop_price=Decimal(97)))
        day.bar("100 106 100 106")

        assert day.status(new) is OrderStatus.CANCELED
        assert day.held() == 0

    def test_moves_a_held_exit_without_waking_it(self) -> None:
        day = at_market()
        entry = day.buy("10", LIMIT, limit_price="99", order_class=OrderClass.BRACKET, **EXITS)

        new = day.exchange.replace(ACCOUNT, entry.legs[0].id, OrderChanges(limit_price=Decimal(103)))

        assert day.status(new) is OrderStatus.HELD
        assert new.id in {leg.id for leg in day.now(entry).legs}

    def test_hands_the_exits_of_an_entry_to_its_successor(self) -> None:
        day = at_market()
        entry = day.buy("10", LIMIT, limit_price="98", order_class=OrderClass.BRACKET, **EXITS)

        larger = day.exchange.replace(ACCOUNT, entry.id, OrderChanges(qty=Decimal(12)))
        assert [leg.qty for leg in day.now(larger).legs] == [12, 12]
        new = day.exchange.replace(ACCOUNT, larger.id, OrderChanges(limit_price=Decimal(101), qty=Decimal(5)))

        assert [leg.status for leg in day.now(new).legs] == ["new", "new"]
        assert [leg.qty for leg in day.now(new).legs] == [5, 5]

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            (OrderChanges(limit_price=Decimal("90.001")), "sub-penny"),
            (OrderChanges(stop_price=Decimal(90)), "must not have stop_price"),
            (OrderChanges(qty=Decimal("1.5")), "whole number"),
            (OrderChanges(qty=Decimal(0)), "whole number"),
            (OrderChanges(trail=Decimal(1)), "only be changed on trailing_stop"),
            (OrderChanges(time_in_force=TimeInForce.FOK), "between day and gtc"),
            (OrderChanges(qty=Decimal(100_000)), "insufficient buying power"),
            (OrderChanges(client_order_id="taken"), "must be unique"),
            (OrderChanges(client_order_id="x" * 129), "128"),
        ],
    )
    def test_refuses_changes_that_do_not_fit_and_leaves_the_order(self, changes: OrderChanges, words: str) -> None:
        day = at_market()
        old = day.buy("10", LIMIT, limit_price="90", client_order_id="taken")

        refusal = refused(lambda: day.exchange.replace(ACCOUNT, old.id, changes))

        assert words in refusal.message
        assert day.status(old) is OrderStatus.NEW

    def test_refuses_an_order_that_waits_for_the_open(self) -> None:
        day = at_market().close()
        old = day.buy("10", LIMIT, limit_price="90")

        refusal = refused(lambda: day.exchange.replace(ACCOUNT, old.id, OrderChanges(limit_price=Decimal(91))))

        assert refusal.message == "unable to replace order, order isn't sent to exchange yet"

    def test_refuses_an_order_that_has_ended(self) -> None:
        day = at_market()
        filled, resting = day.buy("10"), day.buy("1", LIMIT, limit_price="90")
        day.exchange.replace(ACCOUNT, resting.id, OrderChanges(limit_price=Decimal(91)))
        again = OrderChanges(limit_price=Decimal(92))

        assert refused(lambda: day.exchange.replace(ACCOUNT, filled.id, again)).message == (
            'order is already in "filled" state'
        )
        assert refused(lambda: day.exchange.replace(ACCOUNT, resting.id, again)).message == (
            "order in replaced status cannot be changed"
        )

    def test_refuses_dollars_and_oto(self) -> None:
        day = at_market()
        dollars = day.buy(None, LIMIT, notional="100", limit_price="90")
        oto = day.buy("1", LIMIT, limit_price="90", order_class=OrderClass.OTO, stop_loss=StopLoss(Decimal(80)))

        change = OrderChanges(limit_price=Decimal(91))

        assert refused(lambda: day.exchange.replace(ACCOUNT, dollars.id, change)).status == 422
        assert refused(lambda: day.exchange.replace(ACCOUNT, oto.id, change)).status == 422

    def test_lets_shares_move_from_the_old_order_to_the_new(self) -> None:
        day = at_market()
        day.buy("10")
        old = day.sell("10", LIMIT, limit_price="120")

        new = day.exchange.replace(ACCOUNT, old.id, OrderChanges(limit_price=Decimal(121)))

        assert day.status(new) is OrderStatus.NEW
        too_many = OrderChanges(qty=Decimal(11))
        assert "insufficient qty" in refused(lambda: day.exchange.replace(ACCOUNT, new.id, too_many)).message


class TestCancel:
    def test_ends_an_open_order_and_is_told(self) -> None:
        day = at_market()
        order = day.buy("10", LIMIT, limit_price="90")

        day.exchange.cancel(ACCOUNT, order.id)

        assert day.now(order).canceled_at == day.clock.now()
        assert day.told(order) == ["pending_new", "new", "canceled"]

    def test_keeps_what_was_filled(self) -> None:
        day = at_market()
        order = day.buy("10", LIMIT, limit_price="99")
        day.bar("99 99 99 99", volume=40)

        day.exchange.cancel(ACCOUNT, order.id)

        assert (day.now(order).filled_qty, day.status(order)) == (Decimal(4), OrderStatus.CANCELED)

    def test_can_be_repeated(self) -> None:
        day = at_market()
        order = day.buy("10", LIMIT, limit_price="90")

        day.exchange.cancel(ACCOUNT, order.id)
        day.exchange.cancel(ACCOUNT, order.id)

        assert day.told(order).count("canceled") == 1

    def test_is_refused_for_a_filled_or_unknown_order(self) -> None:
        day = at_market()
        filled = day.buy("10")

        refusal = refused(lambda: day.exchange.cancel(ACCOUNT, filled.id))
        assert refusal.body == {"code": 42210000, "message": 'order is already in "filled" state'}
        assert refused(lambda: day.exchange.cancel(ACCOUNT, "no-such-id")).body == {
            "code": 40410000,
            "message": "order not found for no-such-id",
        }


class TestCancelAll:
    def test_ends_everything_once_and_names_it(self) -> None:
        day = at_market()
        simple = day.buy("1", LIMIT, limit_price="90")
        entry = day.buy(
            "1", LIMIT, limit_price="91", order_class=OrderClass.BRACKET, **EXITS | {"stop_loss": StopLoss(Decimal(80))}
        )

        results = day.exchange.cancel_all(ACCOUNT)

        assert {result.status for result in results} == {200}
        assert {simple.id, entry.id} <= {result.key for result in results}
        assert day.exchange.orders(ACCOUNT) == []

    def test_ends_the_exits_of_a_filled_bracket(self) -> None:
        day: TradingDay = at_market()
        day.buy("1", order_class=OrderClass.BRACKET, **EXITS)

        assert day.exchange.cancel_all(ACCOUNT)
        assert day.exchange.orders(ACCOUNT) == []
        assert day.exchange.cancel_all(ACCOUNT) == []
