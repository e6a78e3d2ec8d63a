"""What an account may not do, with the exact bodies of the refusals."""

from decimal import Decimal
from typing import Any

import pytest

from tests.unit.trading.venue.trading_day import ACCOUNT, TradingDay, asset, at_market, refused
from trading.venue.values import StopLoss, TakeProfit
from trading.venue.words import OrderClass, OrderType, PositionIntent

LIMIT, STOP = OrderType.LIMIT, OrderType.STOP


class TestClientOrderId:
    def test_is_unique_while_the_first_order_rests(self) -> None:
        day = at_market()
        day.buy("1", LIMIT, limit_price="90", client_order_id="mine")

        refusal = refused(lambda: day.buy("1", client_order_id="mine"))

        assert (refusal.status, refusal.code, refusal.message) == (422, 42210000, "client_order_id must be unique")

    def test_stays_spent_after_the_first_order_has_ended(self) -> None:
        day = at_market()
        day.buy("1", client_order_id="mine")

        refusal = refused(lambda: day.buy("1", client_order_id="mine"))

        assert (refusal.status, refusal.code) == (422, 40010001)

    def test_is_not_spent_by_a_refused_order(self) -> None:
        day = at_market()
        refused(lambda: day.buy("1000000", client_order_id="mine"))

        assert day.buy("1", client_order_id="mine").client_order_id == "mine"

    def test_is_each_account_s_own(self) -> None:
        day = at_market()
        day.exchange.open_account("PA0002")
        first = day.buy("1", client_order_id="mine")

        assert refused(lambda: day.exchange.order("PA0002", first.id)).status == 404


class TestBlocks:
    @pytest.mark.parametrize("flag", ["trading_blocked", "account_blocked"])
    def test_refuse_orders_while_they_stand(self, flag: str) -> None:
        day = at_market()
        day.exchange.set_flags(ACCOUNT, **{flag: True})

        assert refused(day.buy).status == 403
        day.exchange.set_flags(ACCOUNT, **{flag: False})
        assert day.buy().symbol == "AAPL"

    def test_suspended_trading_refuses_orders_but_not_cancels(self) -> None:
        day = at_market()
        resting = day.buy("1", LIMIT, limit_price="90")
        day.exchange.configure(ACCOUNT, {"suspend_trade": True})

        assert refused(day.buy).status == 403
        assert day.exchange.figures(ACCOUNT).trade_suspended_by_user
        day.exchange.cancel(ACCOUNT, resting.id)
        assert day.status(resting).is_final

    def test_fractional_trading_can_be_turned_off(self) -> None:
        day = at_market()
        day.exchange.configure(ACCOUNT, {"fractional_trading": False})

        assert refused(lambda: day.buy("0.5")).status == 403
        assert refused(lambda: day.buy(None, notional="50")).status == 403


class TestBuyingPower:
    def test_refuses_what_cannot_be_paid_with_the_figures(self) -> None:
        day = at_market(cash="1000")

        refusal = refused(lambda: day.buy("10", LIMIT, limit_price="100.01"))

        assert refusal.status == 403
        assert refusal.body == {
            "code": 40310000,
            "message": "insufficient buying power",
            "buying_power": "1000",
            "cost_basis": "1000.1",
        }

    def test_charges_a_market_order_at_the_far_side(self) -> None:
        day = at_market(cash="1000.10")

        assert day.buy("10").qty == 10

    def test_is_held_back_by_open_orders_and_given_back_by_cancel(self) -> None:
        day = at_market(cash="1000")
        resting = day.buy("9", LIMIT, limit_price="99")
        assert day.exchange.figures(ACCOUNT).buying_power == Decimal(1000 - 9 * 99)

        assert refused(lambda: day.buy("2", LIMIT, limit_price="99")).message == "insufficient buying power"
        day.exchange.cancel(ACCOUNT, resting.id)
        assert day.buy("2", LIMIT, limit_price="99").is_open

    @pytest.mark.parametrize(("multiplier", "power"), [("1", 10_000), ("2", 20_000), ("4", 40_000)])
    def test_follows_the_margin_multiplier(self, multiplier: str, power: int) -> None:
        day = at_market(cash="10000")

        day.exchange.configure(ACCOUNT, {"max_margin_multiplier": multiplier})

        assert day.exchange.figures(ACCOUNT).buying_power == power

    def test_needs_a_price(self) -> None:
        assert "no price" in refused(TradingDay().open().buy).message


class TestShort:
    def test_is_refused_where_the_user_forbids_it(self) -> None:
        day = at_market()
        day.exchange.configure(ACCOUNT, {"no_shorting": True})

        refusal = refused(day.sell)

        assert (refusal.status, refusal.code) == (403, 40310000)
        assert refusal.message == "account is not allowed to short"

    def test_is_refused_below_the_margin_equity(self) -> None:
        assert refused(at_market(cash="1999").sell).message == "account is not allowed to short"

    def test_is_refused_for_a_stock_that_cannot_be_borrowed(self) -> None:
        day = TradingDay(assets=[asset("XYZ", shortable=False)]).open().bar("10 10 10 10", symbol="XYZ")

        assert refused(lambda: day.sell(symbol="XYZ")).message == 'asset "XYZ" cannot be sold short'

    def test_is_refused_in_fractions(self) -> None:
        assert refused(lambda: at_market().sell("0.5")).status == 422

    def test_is_charged_three_percent_above_the_ask(self) -> None:
        day = at_market(cash="2575")
        day.exchange.configure(ACCOUNT, {"max_margin_multiplier": "2"})

        refusal = refused(lambda: day.sell("50"))

        assert refusal.body["cost_basis"] == "5150.52"


class TestShares:
    def test_refuses_to_sell_more_than_is_held(self) -> None:
        day = at_market()
        day.buy("10")

        refusal = refused(lambda: day.sell("11"))

        assert refusal.status == 403
        assert refusal.message == "insufficient qty available for order (requested: 11, available: 10)"

    def test_names_the_orders_that_hold_the_shares(self) -> None:
        day = at_market()
        day.buy("10")
        resting = day.sell("8", LIMIT, limit_price="120")

        refusal = refused(lambda: day.sell("3", LIMIT, limit_price="121"))

        assert refusal.extra == {
            "symbol": "AAPL",
            "existing_qty": "10",
            "held_for_orders": "8",
            "available": "2",
            "related_orders": [resting.id],
        }

    def test_refuses_to_buy_a_short_into_a_long(self) -> None:
        day = at_market()
        day.sell("5")

        assert "available: 5" in refused(lambda: day.buy("6")).message

    def test_refuses_an_intent_that_does_not_fit(self) -> None:
        refusal = refused(lambda: at_market().buy(position_intent=PositionIntent.BUY_TO_CLOSE))

        assert "position intent mismatch" in refusal.message

    def test_refuses_a_bracket_that_closes(self) -> None:
        day = at_market()
        day.buy("10")
        exits: dict[str, Any] = {"take_profit": TakeProfit(Decimal(90)), "stop_loss": StopLoss(Decimal(110))}

        refusal = refused(lambda: day.sell("10", order_class=OrderClass.BRACKET, **exits))

        assert refusal.message == "bracket orders must be entry orders"

    def test_refuses_an_oco_that_opens(self) -> None:
        exits: dict[str, Any] = {"take_profit": TakeProfit(Decimal(110)), "stop_loss": StopLoss(Decimal(90))}

        refusal = refused(lambda: at_market().sell("10", LIMIT, order_class=OrderClass.OCO, **exits))

        assert refusal.message == "oco orders must be exit orders"


class TestWashTrade:
    def test_refuses_a_market_order_against_an_own_open_order(self) -> None:
        day = at_market()
        day.buy("10")
        resting = day.buy("1", LIMIT, limit_price="90")

        refusal = refused(lambda: day.sell("1"))

        assert refusal.status == 403
        assert refusal.body == {
            "code": 40310000,
            "message": "potential wash trade detected. use complex orders",
            "existing_order_id": resting.id,
            "reject_reason": "opposite side market/stop order exists",
        }

    def test_refuses_limits_that_cross(self) -> None:
        day = at_market()
        day.buy("10")
        day.buy("1", LIMIT, limit_price="95")

        assert "wash trade" in refused(lambda: day.sell("1", LIMIT, limit_price="95")).message

    def test_lets_limits_stand_that_do_not_cross(self) -> None:
        day = at_market()
        day.buy("10")
        day.buy("1", LIMIT, limit_price="95")

        assert day.sell("1", LIMIT, limit_price="120").is_open

    def test_refuses_a_buy_under_an_own_stop(self) -> None:
        day = at_market()
        day.buy("10")
        day.sell("10", STOP, stop_price="90")

        assert "wash trade" in refused(lambda: day.buy("1", LIMIT, limit_price="80")).message

    def test_exempts_orders_of_a_class(self) -> None:
        day = at_market()
        day.buy("10")
        day.buy("1", LIMIT, limit_price="95")
        exits: dict[str, Any] = {"take_profit": TakeProfit(Decimal(110)), "stop_loss": StopLoss(Decimal(90))}

        assert day.sell("10", LIMIT, order_class=OrderClass.OCO, **exits).is_open
