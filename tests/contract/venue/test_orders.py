"""Orders through Alpaca's unmodified trading client."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from alpaca.common.exceptions import APIError
from alpaca.trading import enums, requests

from tests.contract.venue import clients
from tests.venue import DAYS, RunningVenue, bar, flat, running_venue

BUY, SELL, DAY, GTC = enums.OrderSide.BUY, enums.OrderSide.SELL, enums.TimeInForce.DAY, enums.TimeInForce.GTC


def _limit(price: float = 90, qty: float = 5, side: enums.OrderSide = BUY, **more: Any) -> requests.OrderRequest:
    fields: dict[str, Any] = {"symbol": "AAPL", "qty": qty, "side": side, "time_in_force": DAY, "limit_price": price}
    return requests.LimitOrderRequest(**{**fields, **more})


def _bought(trading: Any, qty: float = 10) -> None:
    trading.submit_order(requests.MarketOrderRequest(symbol="AAPL", qty=qty, side=BUY, time_in_force=DAY))


class TestSubmitOrder:
    def test_fills_a_market_order_at_the_ask(self, trading: Any, venue: RunningVenue) -> None:
        sent = trading.submit_order(
            requests.MarketOrderRequest(symbol="AAPL", qty=3, side=BUY, time_in_force=DAY, client_order_id="mine-1")
        )
        venue.step()

        filled = trading.get_order_by_id(sent.id)
        assert sent.status in {enums.OrderStatus.PENDING_NEW, enums.OrderStatus.ACCEPTED, enums.OrderStatus.NEW}
        assert filled.status == enums.OrderStatus.FILLED
        assert (filled.filled_qty, filled.filled_avg_price) == ("3", "100.01")
        assert filled.client_order_id == "mine-1"

    @pytest.mark.parametrize(
        "order",
        [
            _limit(),
            requests.StopOrderRequest(symbol="AAPL", qty=1, side=BUY, time_in_force=GTC, stop_price=110),
            requests.StopLimitOrderRequest(
                symbol="AAPL", qty=1, side=BUY, time_in_force=DAY, stop_price=110, limit_price=111
            ),
            requests.TrailingStopOrderRequest(symbol="AAPL", qty=1, side=BUY, time_in_force=DAY, trail_price=5),
            requests.TrailingStopOrderRequest(symbol="AAPL", qty=1, side=BUY, time_in_force=GTC, trail_percent=5),
            _limit(extended_hours=True),
        ],
        ids=["limit", "stop", "stop_limit", "trail_price", "trail_percent", "extended"],
    )
    def test_lets_an_order_that_cannot_trade_yet_rest(self, trading: Any, order: requests.OrderRequest) -> None:
        sent = trading.submit_order(order)

        resting = trading.get_orders()
        assert [each.id for each in resting] == [sent.id]
        assert resting[0].status == enums.OrderStatus.NEW
        assert resting[0].order_type == order.type

    def test_takes_a_notional_order(self, trading: Any, venue: RunningVenue) -> None:
        order = requests.MarketOrderRequest(symbol="AAPL", notional=250.5, side=BUY, time_in_force=DAY)
        sent = trading.submit_order(order)
        venue.step()

        assert sent.notional == "250.5"
        assert trading.get_order_by_id(sent.id).status == enums.OrderStatus.FILLED

    @pytest.mark.parametrize("time_in_force", ["day", "gtc", "ioc", "fok", "cls"])
    def test_takes_every_time_in_force_of_an_open_session(self, trading: Any, time_in_force: str) -> None:
        sent = trading.submit_order(_limit(time_in_force=enums.TimeInForce(time_in_force)))

        assert sent.time_in_force == time_in_force

    def test_takes_an_order_for_the_opening_auction_only_before_0928(self) -> None:
        day = DAYS[0].open - timedelta(days=1)
        replay = replace(flat(), past_days=[bar("AAPL", day), bar("MSFT", day)])
        with running_venue(replay) as venue:
            trading = clients.trading(venue)
            order = _limit(time_in_force=enums.TimeInForce.OPG)

            early = trading.submit_order(order)
            venue.step()
            with pytest.raises(APIError) as refused:
                trading.submit_order(order)

        assert early.time_in_force == enums.TimeInForce.OPG
        assert refused.value.status_code == 422

    def test_answers_a_bracket_with_its_legs(self, trading: Any) -> None:
        sent = trading.submit_order(
            _limit(
                order_class=enums.OrderClass.BRACKET,
                take_profit=requests.TakeProfitRequest(limit_price=110),
                stop_loss=requests.StopLossRequest(stop_price=80),
            )
        )

        legs = {each.order_type: each for each in sent.legs or []}
        assert sent.order_class == enums.OrderClass.BRACKET
        assert set(legs) == {enums.OrderType.LIMIT, enums.OrderType.STOP}
        assert legs[enums.OrderType.LIMIT].limit_price == "110"
        assert legs[enums.OrderType.STOP].stop_price == "80"
        assert all(each.status == enums.OrderStatus.HELD for each in legs.values())

    def test_takes_an_oto_and_an_oco(self, trading: Any, venue: RunningVenue) -> None:
        stop_loss = requests.StopLossRequest(stop_price=80)
        take_profit = requests.TakeProfitRequest(limit_price=110)
        oto = trading.submit_order(_limit(order_class=enums.OrderClass.OTO, stop_loss=stop_loss))
        trading.cancel_order_by_id(oto.id)
        _bought(trading)
        venue.step()
        oco = trading.submit_order(
            requests.LimitOrderRequest(
                symbol="AAPL",
                qty=10,
                side=SELL,
                time_in_force=GTC,
                order_class=enums.OrderClass.OCO,
                take_profit=take_profit,
                stop_loss=stop_loss,
            )
        )

        assert len(oto.legs or []) == 1
        assert oco.order_class == enums.OrderClass.OCO
        assert [each.order_type for each in oco.legs or []] == [enums.OrderType.STOP]

    def test_refuses_a_client_order_id_used_before(self, trading: Any) -> None:
        trading.submit_order(_limit(client_order_id="twice"))

        with pytest.raises(APIError) as refused:
            trading.submit_order(_limit(client_order_id="twice"))

        assert refused.value.status_code == 422
        assert refused.value.message == "client_order_id must be unique"

    def test_refuses_more_than_the_buying_power_with_its_figures(self, trading: Any) -> None:
        with pytest.raises(APIError) as refused:
            trading.submit_order(_limit(qty=1_000_000))

        assert (refused.value.status_code, refused.value.code) == (403, 40310000)
        assert refused.value.message == "insufficient buying power"


class TestGetOrders:
    def test_filters_by_status_symbol_side_and_direction(self, trading: Any) -> None:
        first, second = trading.submit_order(_limit(80)), trading.submit_order(_limit(81, symbol="MSFT"))
        trading.cancel_order_by_id(first.id)

        def ids(**filters: Any) -> list[object]:
            return [each.id for each in trading.get_orders(requests.GetOrdersRequest(**filters))]

        assert ids() == [second.id]
        assert ids(status=enums.QueryOrderStatus.CLOSED) == [first.id]
        assert ids(status=enums.QueryOrderStatus.ALL, direction="asc") == [first.id, second.id]
        assert ids(status=enums.QueryOrderStatus.ALL, symbols=["AAPL", "IBM"]) == [first.id]
        assert ids(status=enums.QueryOrderStatus.ALL, side=SELL) == []
        assert ids(status=enums.QueryOrderStatus.ALL, limit=1) == [second.id]
        assert ids(status=enums.QueryOrderStatus.ALL, after=second.submitted_at) == []

    def test_rolls_legs_up_only_when_nested(self, trading: Any) -> None:
        trading.submit_order(
            _limit(
                order_class=enums.OrderClass.BRACKET,
                take_profit=requests.TakeProfitRequest(limit_price=110),
                stop_loss=requests.StopLossRequest(stop_price=80),
            )
        )

        nested = trading.get_orders(requests.GetOrdersRequest(nested=True, status=enums.QueryOrderStatus.ALL))
        plain = trading.get_orders(requests.GetOrdersRequest(status=enums.QueryOrderStatus.ALL))

        assert [len(each.legs or []) for each in nested] == [2]
        assert [each.legs for each in plain] == [None, None, None]

    def test_pages_by_order_id(self, trading: Any) -> None:
        sent = [trading.submit_order(_limit(80 + each)) for each in range(4)]

        def ids(**params: object) -> list[str]:
            return [each["id"] for each in trading.get("/orders", params)]

        assert ids(before_order_id=str(sent[2].id), limit=1) == [str(sent[1].id)]
        assert ids(after_order_id=str(sent[1].id), direction="asc") == [str(sent[2].id), str(sent[3].id)]


class TestGetOrder:
    def test_finds_an_order_by_the_clients_id(self, trading: Any) -> None:
        sent = trading.submit_order(_limit(client_order_id="find-me"))

        assert trading.get_order_by_client_id("find-me").id == sent.id

    def test_answers_404_for_an_order_nobody_sent(self, trading: Any) -> None:
        for read, key in ((trading.get_order_by_id, uuid4()), (trading.get_order_by_client_id, "nobody")):
            with pytest.raises(APIError) as refused:
                read(key)
            assert (refused.value.status_code, refused.value.code) == (404, 40410000)


class TestReplaceOrder:
    def test_answers_the_new_order_and_marks_the_old(self, trading: Any) -> None:
        old = trading.submit_order(_limit(90))

        new = trading.replace_order_by_id(old.id, requests.ReplaceOrderRequest(qty=7, limit_price=91))

        replaced = trading.get_order_by_id(old.id)
        assert (new.replaces, new.qty, new.limit_price) == (old.id, "7", "91")
        assert (replaced.status, replaced.replaced_by) == (enums.OrderStatus.REPLACED, new.id)


class TestCancelOrder:
    def test_cancels_a_resting_order(self, trading: Any) -> None:
        sent = trading.submit_order(_limit())

        assert trading.cancel_order_by_id(sent.id) is None

        assert trading.get_order_by_id(sent.id).status == enums.OrderStatus.CANCELED

    def test_refuses_to_cancel_what_is_filled(self, trading: Any, venue: RunningVenue) -> None:
        sent = trading.submit_order(_limit(105))
        venue.step()

        with pytest.raises(APIError) as refused:
            trading.cancel_order_by_id(sent.id)

        assert (refused.value.status_code, refused.value.code) == (422, 42210000)
        assert refused.value.message == 'order is already in "filled" state'

    def test_cancels_all_with_a_status_for_each(self, trading: Any) -> None:
        sent = {trading.submit_order(_limit(80)).id, trading.submit_order(_limit(81)).id}

        answers = trading.cancel_orders()

        assert {each.id for each in answers} == sent
        assert {each.status for each in answers} == {200}
        assert trading.get_orders() == []
        assert trading.cancel_orders() == []
