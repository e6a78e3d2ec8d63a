"""Requests that are refused for their form, with Alpaca's status, code and words."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.trading.venue.trading_day import ACCOUNT, OPEN, TradingDay, asset, at_market, refused, request
from trading.venue.values import Refusal, StopLoss, TakeProfit
from trading.venue.words import OrderClass, OrderType, Side, TimeInForce

LIMIT, STOP, STOP_LIMIT = OrderType.LIMIT, OrderType.STOP, OrderType.STOP_LIMIT
MARKET, TRAILING = OrderType.MARKET, OrderType.TRAILING_STOP
BRACKET, OCO, OTO = OrderClass.BRACKET, OrderClass.OCO, OrderClass.OTO


def profit(price: str) -> TakeProfit:
    return TakeProfit(Decimal(price))


def loss(stop: str, limit: str | None = None) -> StopLoss:
    return StopLoss(Decimal(stop), None if limit is None else Decimal(limit))


REFUSED: list[tuple[str, str | None, OrderType, dict[str, Any], int]] = [
    ("qty or notional is required", None, MARKET, {}, 40010001),
    ("only one of qty or notional", "1", MARKET, {"notional": "50"}, 40010001),
    ("qty must be > 0", "0", MARKET, {}, 40010001),
    ("qty must be > 0", "-1", MARKET, {}, 40010001),
    ("at most 9 decimal places", "0.0000000001", MARKET, {}, 40010001),
    ("notional amount must be >= 1.00", None, MARKET, {"notional": "0.99"}, 42210000),
    ("limit orders require limit_price", "1", LIMIT, {}, 40010001),
    ("stop_limit orders require stop_price", "1", STOP_LIMIT, {"limit_price": "9"}, 40010001),
    ("market orders must not have limit_price", "1", MARKET, {"limit_price": "9"}, 40010001),
    ("limit orders must not have stop_price", "1", LIMIT, {"limit_price": "9", "stop_price": "8"}, 40010001),
    ("limit_price must be > 0", "1", LIMIT, {"limit_price": "-3.1"}, 42210000),
    ("invalid limit_price 290.123. sub-penny increment", "1", LIMIT, {"limit_price": "290.123"}, 42210000),
    ("invalid limit_price 0.12345. sub-penny", "1", LIMIT, {"limit_price": "0.12345"}, 42210000),
    ("invalid stop_price 290.123. sub-penny increment", "1", STOP, {"stop_price": "290.123"}, 42210000),
    ("exactly one of trail_price or trail_percent", "1", TRAILING, {}, 40010001),
    ("exactly one of trail", "1", TRAILING, {"trail_price": "1", "trail_percent": "1"}, 40010001),
    ("only for trailing_stop", "1", MARKET, {"trail_price": "1"}, 40010001),
    ("trail must be > 0", "1", TRAILING, {"trail_price": "0"}, 42210000),
    ("trail_percent must be < 100", "1", TRAILING, {"trail_percent": "100"}, 42210000),
    ("must be day or gtc", "1", TRAILING, {"trail_price": "1", "time_in_force": TimeInForce.IOC}, 42210000),
    ("fractional orders must be DAY", "0.5", MARKET, {"time_in_force": TimeInForce.GTC}, 42210000),
    ("fractional orders must be market, limit, stop", "0.5", TRAILING, {"trail_price": "1"}, 42210000),
    ("fractional orders must be simple", "0.5", MARKET, {"order_class": BRACKET}, 42210000),
    ("must be DAY limit orders", "1", MARKET, {"extended_hours": True}, 42210000),
    ("opg orders must be market or limit", "1", STOP, {"stop_price": "9", "time_in_force": TimeInForce.OPG}, 42210000),
    (
        "bracket orders must be day or gtc",
        "1",
        MARKET,
        {"order_class": BRACKET, "time_in_force": TimeInForce.FOK},
        42210000,
    ),
    ("simple orders must not have", "1", MARKET, {"stop_loss": loss("9")}, 42210000),
    ("bracket orders require take_profit.limit_price", "1", MARKET, {"order_class": BRACKET}, 42210000),
    (
        "bracket orders require stop_loss.stop_price",
        "1",
        MARKET,
        {"order_class": BRACKET, "take_profit": profit("110")},
        42210000,
    ),
    ("oto orders require exactly one", "1", MARKET, {"order_class": OTO}, 42210000),
    (
        "oco orders must be limit",
        "1",
        MARKET,
        {"order_class": OCO, "take_profit": profit("110"), "stop_loss": loss("90")},
        42210000,
    ),
    (
        "invalid take_profit.limit_price 110.001",
        "1",
        MARKET,
        {"order_class": BRACKET, "take_profit": profit("110.001"), "stop_loss": loss("90")},
        42210000,
    ),
    (
        "take_profit.limit_price must be > stop_loss.stop_price",
        "1",
        MARKET,
        {"order_class": BRACKET, "take_profit": profit("101"), "stop_loss": loss("102")},
        42210000,
    ),
    (
        "take_profit.limit_price must be >= base_price + 0.01",
        "1",
        MARKET,
        {"order_class": BRACKET, "take_profit": profit("100"), "stop_loss": loss("90")},
        42210000,
    ),
    (
        "stop_loss.stop_price must be <= base_price - 0.01",
        "1",
        LIMIT,
        {"order_class": BRACKET, "limit_price": "95", "take_profit": profit("110"), "stop_loss": loss("95")},
        42210000,
    ),
    (
        "not allowed in extended hours",
        "1",
        LIMIT,
        {
            "order_class": BRACKET,
            "limit_price": "95",
            "extended_hours": True,
            "take_profit": profit("110"),
            "stop_loss": loss("90"),
        },
        42210000,
    ),
    ("no more than 128 characters", "1", MARKET, {"client_order_id": "x" * 129}, 40010001),
    ('asset "ZZZZ" not found', "1", MARKET, {"symbol": "ZZZZ"}, 42210000),
]


class TestSubmit:
    @pytest.mark.parametrize(("words", "qty", "kind", "more", "code"), REFUSED)
    def test_refuses_what_breaks_a_rule_and_keeps_no_order(
        self, words: str, qty: str | None, kind: OrderType, more: dict[str, Any], code: int
    ) -> None:
        day = at_market()

        refusal = refused(lambda: day.buy(qty, kind, **more))

        assert words in refusal.message
        assert (refusal.status, refusal.code) == (422, code)
        assert day.exchange.orders(ACCOUNT, status="all") == []

    def test_takes_four_decimals_below_one_dollar(self) -> None:
        assert at_market().buy("1", LIMIT, limit_price="0.1234").limit_price == Decimal("0.1234")

    def test_takes_a_client_id_of_128_characters(self) -> None:
        assert at_market().buy("1", client_order_id="x" * 128).client_order_id == "x" * 128

    def test_names_the_base_price_of_a_bad_exit(self) -> None:
        day = at_market()

        refusal = refused(lambda: day.buy("1", order_class=BRACKET, take_profit=profit("99"), stop_loss=loss("90")))

        assert refusal.body["base_price"] == "100"

    def test_turns_the_exits_round_for_a_short(self) -> None:
        day = at_market()
        exits: dict[str, Any] = {"order_class": BRACKET, "take_profit": profit("90"), "stop_loss": loss("110")}

        assert day.sell("1", **exits).side is Side.SELL
        assert "must be <" in refused(lambda: day.sell("1", **exits | {"take_profit": profit("120")})).message

    @pytest.mark.parametrize(
        ("changes", "status", "words"),
        [
            ({"fractionable": False}, 403, 'asset "XYZ" is not fractionable'),
            ({"tradable": False}, 422, "not tradable"),
            ({"active": False}, 422, "not tradable"),
        ],
    )
    def test_refuses_what_the_asset_does_not_allow(self, changes: dict[str, Any], status: int, words: str) -> None:
        day = TradingDay(assets=[asset("XYZ", **changes)]).open().bar("10 10 10 10", symbol="XYZ")

        refusal = refused(lambda: day.buy("0.5", symbol="XYZ"))

        assert refusal.status == status
        assert words in refusal.message


class TestAuctionWindow:
    @pytest.mark.parametrize(
        ("kind", "minutes", "is_refused"),
        [
            (TimeInForce.OPG, -3, False),
            (TimeInForce.OPG, -2, True),
            (TimeInForce.OPG, 390 + 179, True),
            (TimeInForce.OPG, 390 + 180, False),
            (TimeInForce.CLS, 379, False),
            (TimeInForce.CLS, 380, True),
            (TimeInForce.CLS, 390 + 180, False),
        ],
    )
    def test_is_closed_around_the_auction(self, kind: TimeInForce, minutes: int, is_refused: bool) -> None:
        day = TradingDay()
        day.exchange.load_history([], [])
        day.clock.jump(OPEN - timedelta(hours=6))
        day.bar("100 100 100 100")
        day.clock.jump(OPEN + timedelta(minutes=minutes))

        try:
            day.exchange.submit(ACCOUNT, request(Side.BUY, "1", time_in_force=kind))
            outcome = False
        except Refusal as refusal:
            outcome = "not accepted now" in str(refusal)

        assert outcome is is_refused
