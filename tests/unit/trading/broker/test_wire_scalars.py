"""Words, numbers and instants read without trust."""

import contextlib
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.broker import wire_scalars as wire


class TestDecode:
    @given(st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-(10**9), max_value=10**9))
    def test_keeps_the_digits_of_a_number(self, value: Decimal) -> None:
        assert wire.number(wire.decode(f'{{"qty": {value:f}}}')["qty"]) == value

    @given(st.text() | st.binary())
    def test_raises_nothing_but_a_wire_error(self, payload: str | bytes) -> None:
        with contextlib.suppress(wire.WireError):
            wire.decode(payload)

    def test_refuses_nesting_without_end(self) -> None:
        with pytest.raises(wire.WireError):
            wire.decode("[" * 200_000)

    def test_replaces_what_no_database_stores(self) -> None:
        decoded = wire.decode('{"a\\u0000": ["\\ud800", "\\u0041"]}')

        assert decoded == {"a\ufffd": ["\ufffd", "A"]}
        json.dumps(decoded).encode()

    def test_makes_no_float_even_of_nan(self) -> None:
        assert wire.decode("[NaN, Infinity, 0.1]") == ["NaN", "Infinity", "0.1"]


class TestNumber:
    @pytest.mark.parametrize(
        ("given", "expected"),
        [("0.30", "0.30"), (5, "5"), (0.1, "0.1"), ("-3", "-3"), ("0", "0"), ("0e999", "0"), (" 7 ", "7")],
    )
    def test_reads_it_exactly(self, given: Any, expected: str) -> None:
        assert wire.number(given) == Decimal(expected)

    @pytest.mark.parametrize(
        "given",
        [
            None,
            "",
            "NaN",
            "sNaN",
            "Infinity",
            float("inf"),
            "1e16",
            "1e-16",
            "1_000",
            "x",
            True,
            [],
            {},
            "9" * 65,
            10**70,
        ],
    )
    def test_refuses_what_is_no_usable_number(self, given: Any) -> None:
        assert wire.number(given) is None


class TestInstant:
    @given(st.datetimes(min_value=datetime(1980, 1, 1), max_value=datetime(2100, 1, 1)), st.integers(-14, 14))  # noqa: DTZ001
    def test_reads_any_zone_as_utc(self, naive: datetime, hours: int) -> None:
        local = naive.replace(tzinfo=UTC) + timedelta(hours=hours)
        text = f"{local.replace(tzinfo=None).isoformat()}{'-' if hours < 0 else '+'}{abs(hours):02d}:00"

        assert wire.instant(text) == naive.replace(tzinfo=UTC)

    @pytest.mark.parametrize("given", [None, "", "noon", "2026-06-01T13:30:00", 5, "0001-01-01T00:00:00+14:00"])
    def test_refuses_what_is_no_instant(self, given: Any) -> None:
        assert wire.instant(given) is None
