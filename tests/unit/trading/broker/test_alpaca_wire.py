"""Alpaca's messages as values: what is read, what is refused, and that no JSON whatever loses an order."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.trading.broker import values
from trading.broker import alpaca_wire
from trading.broker.gateway import CancelOutcome, OrderReport
from trading.broker.wire_scalars import WireError
from trading.choices import OrderClass, OrderStatus, Side

leaves = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(["NaN", "1e99"])
)
anything = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)
odd_fields = st.dictionaries(st.sampled_from(sorted(values.order_body())), anything, max_size=6)
order_like = odd_fields | odd_fields.map(lambda odd: values.order_body(**odd))


class TestOrderReport:
    @given(order_like)
    @settings(max_examples=60)
    def test_keeps_every_object_as_an_order(self, body: dict[str, Any]) -> None:
        report = alpaca_wire.order_report(body)

        assert isinstance(report, OrderReport)
        assert report.filled_quantity.is_finite()
        assert report.filled_quantity >= 0
        assert report.raw is body
        json.dumps(report.raw)

    @given(anything.filter(lambda body: not isinstance(body, dict)))
    def test_refuses_what_is_no_object(self, body: Any) -> None:
        with pytest.raises(WireError, match="an object was expected"):
            alpaca_wire.order_report(body)

    @given(st.text().filter(lambda word: word not in alpaca_wire.STATUSES))
    def test_keeps_an_unknown_word_without_a_status(self, word: str) -> None:
        report = alpaca_wire.order_report(values.order_body(status=word))

        assert report.status is None
        assert report.raw_status == word.replace("\x00", "\ufffd")

    def test_reads_each_of_alpacas_words(self) -> None:
        read = {word: alpaca_wire.order_report(values.order_body(status=word)).status for word in alpaca_wire.STATUSES}

        assert read == alpaca_wire.STATUSES

    @pytest.mark.parametrize("ours", ["approved", "submitted", "unknown", "withdrawn"])
    def test_takes_none_of_our_own_words_from_the_broker(self, ours: str) -> None:
        assert alpaca_wire.order_report(values.order_body(status=ours)).status is None

    def test_calls_a_resting_order_with_a_fill_partly_filled(self) -> None:
        report = alpaca_wire.order_report(values.order_body(status="done_for_day", filled_qty="0.1"))

        assert report.status is OrderStatus.PARTIALLY_FILLED

    @pytest.mark.parametrize("filled", ["NaN", "-1", "many", True, [], "1e400", "Infinity"])
    def test_believes_no_status_beside_a_broken_filled_quantity(self, filled: Any) -> None:
        report = alpaca_wire.order_report(values.order_body(status="canceled", filled_qty=filled))

        assert (report.status, report.raw_status, report.filled_quantity) == (None, "canceled", Decimal(0))

    def test_reads_numbers_exactly_and_instants_to_the_microsecond(self) -> None:
        report = alpaca_wire.order_report(values.order_body(qty="0.123456789", filled_avg_price="290.1234567"))

        assert (report.quantity, report.filled_average_price) == (Decimal("0.123456789"), Decimal("290.1234567"))
        assert report.submitted_at == datetime(2026, 6, 1, 13, 30, 0, 123456, UTC)

    def test_reads_legs_and_leaves_out_what_is_none(self) -> None:
        leg = values.order_body(id="leg-1", status="held", side="sell", legs=[values.order_body()])
        report = alpaca_wire.order_report(values.order_body(order_class="bracket", legs=[leg, None, "x"]))

        assert report.order_class is OrderClass.BRACKET
        assert [(each.broker_order_id, each.status, each.legs) for each in report.legs] == [
            ("leg-1", OrderStatus.HELD, ())
        ]


class TestUpdateReport:
    def fill(self, **changes: Any) -> dict[str, Any]:
        order = values.order_body(status="partially_filled", filled_qty="0.2", filled_avg_price="100.05")
        return {
            "event": "partial_fill",
            "execution_id": "e-1",
            "timestamp": "2026-06-01T13:31:00.5Z",
            "price": "100.10",
            "qty": "0.1",
            "position_qty": "0.2",
            "order": order,
        } | changes

    def test_carries_the_event_and_this_fills_own_part(self) -> None:
        report = alpaca_wire.update_report(self.fill())

        assert (report.event, report.filled_quantity) == ("partial_fill", Decimal("0.2"))
        assert report.execution is not None
        assert (report.execution.execution_id, report.execution.quantity) == ("e-1", Decimal("0.1"))
        assert report.execution.at == datetime(2026, 6, 1, 13, 31, 0, 500000, UTC)

    @pytest.mark.parametrize("change", [{"price": "NaN"}, {"qty": None}, {"timestamp": "noon"}, {"event": "canceled"}])
    def test_leaves_a_fill_to_the_cumulative_figures_where_its_own_part_is_broken(self, change: dict[str, Any]) -> None:
        report = alpaca_wire.update_report(self.fill(**change))

        assert report.execution is None
        assert report.filled_quantity == Decimal("0.2")

    def test_keeps_an_event_nobody_knows(self) -> None:
        assert alpaca_wire.update_report(self.fill(event="trade_bust")).event == "trade_bust"

    @pytest.mark.parametrize("data", [None, [], "x", {}, {"order": None}, {"order": {}}, {"order": {"id": 5}}])
    def test_refuses_a_message_without_an_order(self, data: Any) -> None:
        with pytest.raises(WireError):
            alpaca_wire.update_report(data)

    @given(anything | st.fixed_dictionaries({"order": order_like}, optional={"event": anything, "price": anything}))
    @settings(max_examples=60)
    def test_raises_nothing_but_a_wire_error(self, data: Any) -> None:
        try:
            report = alpaca_wire.update_report(data)
        except WireError:
            return
        assert report.broker_order_id


class TestFillReport:
    def activity(self, **changes: Any) -> dict[str, Any]:
        return {
            "id": "20260601093100000::1",
            "activity_type": "FILL",
            "transaction_time": "2026-06-01T13:31:00Z",
            "type": "fill",
            "price": "100.10",
            "qty": "0.1",
            "cum_qty": "0.3",
            "leaves_qty": "0",
            "side": "sell_short",
            "symbol": "AAPL",
            "order_id": values.BROKER_ID,
        } | changes

    def test_reads_a_fill(self) -> None:
        report = alpaca_wire.fill_report(self.activity())

        assert (report.side, report.quantity, report.cumulative_quantity) == (Side.SELL, Decimal("0.1"), Decimal("0.3"))

    @pytest.mark.parametrize("name", ["id", "order_id", "price", "qty", "cum_qty", "transaction_time"])
    def test_refuses_half_a_fill(self, name: str) -> None:
        with pytest.raises(WireError):
            alpaca_wire.fill_report(self.activity(**{name: None}))

    @given(anything)
    def test_raises_nothing_but_a_wire_error(self, body: Any) -> None:
        with pytest.raises(WireError):
            alpaca_wire.fill_report(body)


class TestCancelOutcomes:
    def test_tells_each_lines_own_answer(self) -> None:
        lines = [
            {"id": "a", "status": 200},
            {"id": "b", "status": 422, "body": {"message": 'order is already in "filled" state'}},
            {"id": "c", "status": 500},
            "x",
        ]

        assert alpaca_wire.cancel_outcomes(lines) == (
            CancelOutcome("a", accepted=True),
            CancelOutcome("b", accepted=False, reason='order is already in "filled" state'),
            CancelOutcome("c", accepted=False, reason="status 500"),
            CancelOutcome("", accepted=False, reason="status None"),
        )

    def test_reads_the_empty_list_as_nothing_open(self) -> None:
        assert alpaca_wire.cancel_outcomes([]) == ()

    @pytest.mark.parametrize("body", [None, "", {}])
    def test_takes_no_list_for_no_answer(self, body: object) -> None:
        with pytest.raises(WireError):
            alpaca_wire.cancel_outcomes(body)
