"""Brackets, one-cancels-other and one-triggers-other."""

from decimal import Decimal
from typing import Any

from tests.unit.trading.venue.trading_day import ACCOUNT, TradingDay, at_market, refused
from trading.venue.values import StopLoss, TakeProfit, VenueOrder
from trading.venue.words import OrderClass, OrderStatus, OrderType, TimeInForce

LIMIT = OrderType.LIMIT
EXITS: dict[str, Any] = {"take_profit": TakeProfit(Decimal(105)), "stop_loss": StopLoss(Decimal(95))}


def bracket(day: TradingDay, qty: str = "10", **more: Any) -> tuple[VenueOrder, VenueOrder, VenueOrder]:
    """A bracket's entry, take-profit and stop, as accepted."""
    entry = day.buy(qty, more.pop("kind", OrderType.MARKET), order_class=OrderClass.BRACKET, **EXITS, **more)
    profit, loss = entry.legs
    return entry, profit, loss


class TestBracket:
    def test_holds_its_exits_until_the_entry_is_filled(self) -> None:
        day = at_market()
        entry, profit, loss = bracket(day, kind=LIMIT, limit_price="99")
        assert [day.status(one) for one in (entry, profit, loss)] == ["new", "held", "held"]

        day.bar("99 99.50 98.50 99", volume=50)
        assert day.status(entry) is OrderStatus.PARTIALLY_FILLED
        assert day.status(profit) is OrderStatus.HELD
        day.bar("99 99.50 98.50 99")

        assert [day.status(one) for one in (entry, profit, loss)] == ["filled", "new", "new"]

    def test_cancels_the_stop_when_the_profit_is_taken(self) -> None:
        day = at_market()
        _, profit, loss = bracket(day)

        day.bar("100 106 100 106")

        assert [day.status(one) for one in (profit, loss)] == ["filled", "canceled"]
        assert day.now(profit).filled_avg_price == 105
        assert day.held() == 0

    def test_cancels_the_profit_when_it_is_stopped(self) -> None:
        day = at_market()
        _, profit, loss = bracket(day)

        day.bar("100 100 94 94")

        assert [day.status(one) for one in (profit, loss)] == ["canceled", "filled"]

    def test_sells_once_in_a_bar_that_reaches_both_exits(self) -> None:
        day = at_market()
        _, profit, loss = bracket(day)

        day.bar("100 110 90 100")

        assert day.held() == 0
        assert sorted(day.status(one) for one in (profit, loss)) == ["canceled", "filled"]

    def test_shrinks_the_stop_by_what_the_profit_has_sold(self) -> None:
        day = at_market()
        _, profit, loss = bracket(day)

        day.bar("105 105 104 104", volume=40)

        assert day.now(profit).filled_qty == 4
        assert day.now(loss).qty == 6
        day.bar("94 94 94 94")
        assert day.held() == 0

    def test_can_stop_out_in_the_bar_that_fills_it(self) -> None:
        day = at_market()
        _, _, loss = bracket(day, kind=LIMIT, limit_price="99")

        day.bar("100 100 94 94")

        assert day.status(loss) is OrderStatus.FILLED
        assert day.now(loss).filled_avg_price == 95

    def test_goes_whole_when_one_of_it_is_canceled(self) -> None:
        day = at_market()
        entry, profit, loss = bracket(day, kind=LIMIT, limit_price="99")

        day.exchange.cancel(ACCOUNT, loss.id)

        assert {day.status(one) for one in (entry, profit, loss)} == {OrderStatus.CANCELED}

    def test_takes_the_exits_along_when_a_partly_filled_entry_is_canceled(self) -> None:
        day = at_market()
        entry, profit, _ = bracket(day, kind=LIMIT, limit_price="99")
        day.bar("99 99 99 99", volume=50)

        day.exchange.cancel(ACCOUNT, entry.id)

        assert day.status(profit) is OrderStatus.CANCELED
        assert day.held() == 5

    def test_does_not_sell_again_what_was_sold_by_hand(self) -> None:
        day = at_market()
        entry, _, loss = bracket(day, kind=LIMIT, limit_price="99")
        day.bar("99 99 99 99", volume=50)
        day.sell("4", LIMIT, limit_price="99.50")
        day.bar("99.50 99.50 99.50 99.50").bar("99 99 99 99")
        assert day.status(entry) is OrderStatus.FILLED

        day.bar("94 94 94 94")

        assert day.held() == 0
        assert day.now(loss).filled_qty == 6

    def test_counts_the_shares_of_its_exits_once(self) -> None:
        day = at_market()
        bracket(day)

        assert day.exchange.position(ACCOUNT, "AAPL").qty_available == 0
        assert refused(lambda: day.sell("1", LIMIT, limit_price="120")).body["held_for_orders"] == "10"
        assert day.exchange.figures(ACCOUNT).reserved == 0

    def test_lives_in_brackets_for_shorts_too(self) -> None:
        day = at_market()
        turned: dict[str, Any] = {"take_profit": TakeProfit(Decimal(95)), "stop_loss": StopLoss(Decimal(105))}
        day.sell("10", order_class=OrderClass.BRACKET, **turned)

        day.bar("100 100 94 94")

        assert day.held() == 0
        assert day.cash() == Decimal(100_000) + 10 * 5


class TestOneCancelsOther:
    def oco(self, day: TradingDay) -> tuple[VenueOrder, VenueOrder]:
        day.buy("10")
        profit = day.sell("10", LIMIT, order_class=OrderClass.OCO, time_in_force=TimeInForce.GTC, **EXITS)
        return profit, profit.legs[0]

    def test_has_the_profit_as_parent_of_the_stop_and_both_work(self) -> None:
        day = at_market()

        profit, loss = self.oco(day)

        assert (profit.limit_price, loss.stop_price) == (Decimal(105), Decimal(95))
        assert [day.status(one) for one in (profit, loss)] == ["new", "new"]

    def test_cancels_either_by_the_other(self) -> None:
        for prices, statuses in (("100 106 100 106", ["filled", "canceled"]), ("99 99 94 94", ["canceled", "filled"])):
            day = at_market()
            pair = self.oco(day)

            day.bar(prices)

            assert [day.status(one) for one in pair] == statuses
            assert day.held() == 0

    def test_goes_whole_when_its_stop_is_canceled(self) -> None:
        day = at_market()
        pair = self.oco(day)

        day.exchange.cancel(ACCOUNT, pair[1].id)

        assert [day.status(one) for one in pair] == ["canceled", "canceled"]


class TestOneTriggersOther:
    def test_brings_its_exit_to_the_market_when_the_entry_is_filled(self) -> None:
        day = at_market()

        entry = day.buy("10", order_class=OrderClass.OTO, stop_loss=EXITS["stop_loss"])

        assert [day.status(one) for one in (entry, entry.legs[0])] == ["filled", "new"]
        day.bar("94 94 94 94")
        assert day.held() == 0
