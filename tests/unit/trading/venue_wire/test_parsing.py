"""Bodies and query strings, read or refused; whatever comes in, nothing but a Refusal comes out."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.venue import parsing, query, rendering, values, words

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = (
    "symbol", "side", "type", "time_in_force", "qty", "notional", "limit_price", "order_class", "take_profit",
    "stop_loss", "extended_hours", "client_order_id", "trail_price", "position_intent",
)  # fmt: skip
WELL_FORMED = {"symbol": "AAPL", "side": "buy", "type": "limit", "time_in_force": "day", "qty": 1, "limit_price": 10.1}


def _read_or_refused(read: Callable[[Any], Any], given: Any) -> tuple[Any, values.Refusal | None]:
    try:
        return read(given), None
    except values.Refusal as refusal:
        return None, refusal


class TestBody:
    def test_keeps_numbers_exact(self) -> None:
        assert parsing.body(b'{"qty": 0.1, "limit_price": 100}') == {"qty": Decimal("0.1"), "limit_price": Decimal(100)}

    def test_leaves_out_nulls_and_empty_texts(self) -> None:
        assert parsing.body(b'{"a": null, "b": "", "c": false}') == {"c": False}

    @given(st.binary(max_size=60))
    def test_reads_or_refuses_any_bytes(self, raw: bytes) -> None:
        read, refusal = _read_or_refused(parsing.body, raw)

        assert refusal.status == 400 if refusal else isinstance(read, dict)


class TestOrderRequest:
    @given(st.dictionaries(st.sampled_from(NAMES), JSON))
    def test_reads_or_refuses_any_object(self, changes: dict[str, Any]) -> None:
        raw = json.dumps({**WELL_FORMED, **changes}).encode("utf-8", "surrogatepass")

        read, refusal = _read_or_refused(lambda body: parsing.order_request(parsing.body(body)), raw)

        if refusal:
            assert refusal.status in {400, 422}
        else:
            assert isinstance(read.symbol, str)
            assert isinstance(read.side, words.Side)
            assert all(each is None or each.is_finite() for each in (read.qty, read.notional, read.limit_price))

    def test_wants_the_prices_of_its_legs(self) -> None:
        for name, price in (("take_profit", "limit_price"), ("stop_loss", "stop_price")):
            with pytest.raises(values.Refusal, match=f"bracket orders require {name}.{price}"):
                parsing.order_request({**WELL_FORMED, "qty": Decimal(1), "limit_price": Decimal(10),
                                       "order_class": "bracket", name: {}})  # fmt: skip


class TestNumber:
    @given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=9))
    def test_reads_back_what_rendering_writes(self, number: Decimal) -> None:
        assert parsing.number(rendering.number(number), "qty") == number

    @pytest.mark.parametrize("text", ["", " 1", "1_000", "0x1", "inf", "nan", "1e16", "1e-16", "١", "1.", ".5", "--1"])
    def test_refuses_what_no_market_means(self, text: str) -> None:
        with pytest.raises(values.Refusal, match="invalid qty"):
            parsing.number(text, "qty")


class TestRenderedNumber:
    @pytest.mark.parametrize(
        ("number", "text"), [("100.00", "100"), ("1E+3", "1000"), ("-0", "0"), ("0.000000001", "0.000000001")]
    )
    def test_is_plain(self, number: str, text: str) -> None:
        assert rendering.number(Decimal(number)) == text


class TestInstant:
    @pytest.mark.parametrize(
        "text",
        ["2026-01-05T14:30:00Z", "2026-01-05T14:30:00.000000000Z", "2026-01-05T09:30:00-05:00",
         "2026-01-05T14:30:00 00:00", "2026-01-05T14:30:00"],
    )  # fmt: skip
    def test_is_read_in_every_form_clients_write(self, text: str) -> None:
        assert query.instant({"after": text}, "after") == datetime(2026, 1, 5, 14, 30, tzinfo=UTC)

    @given(st.text(max_size=30))
    def test_is_read_or_refused(self, text: str) -> None:
        read, refusal = _read_or_refused(lambda given: query.read_instant(given, "after"), text)

        assert refusal.status == 422 if refusal else read.tzinfo is UTC

    def test_at_the_edge_of_time_is_refused(self) -> None:
        with pytest.raises(values.Refusal, match="invalid after"):
            query.instant({"after": "0001-01-01T00:00:00+14:00"}, "after")


class TestFlag:
    @pytest.mark.parametrize(("text", "meant"), [("True", True), ("true", True), ("False", False), ("1", True)])
    def test_is_read_as_python_and_as_json_write_it(self, text: str, meant: bool) -> None:
        assert query.flag({"nested": text}, "nested") is meant
