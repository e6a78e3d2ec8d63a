"""Bars and windows refuse what must not be traded on."""

import dataclasses
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.trading import windows
from trading import bars
from trading.bars import Bar, BarWindow, InvalidBar

BAD_PRICES = [Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal(0), Decimal(-1), 1.5, None]


class TestBar:
    @pytest.mark.parametrize("name", ["open", "high", "low", "close"])
    @pytest.mark.parametrize("price", BAD_PRICES, ids=str)
    def test_refuses_a_price_that_is_not_a_finite_decimal_above_zero(self, name: str, price: Any) -> None:
        with pytest.raises(InvalidBar, match="finite Decimal above 0"):
            dataclasses.replace(windows.bar(), **{name: price})

    @pytest.mark.parametrize(("name", "price"), [("high", "99.9"), ("low", "100.1"), ("open", "101"), ("close", "99")])
    def test_refuses_a_range_that_does_not_enclose_open_and_close(self, name: str, price: str) -> None:
        with pytest.raises(InvalidBar, match="outside its range"):
            dataclasses.replace(windows.bar(), **{name: Decimal(price)})  # type: ignore[arg-type]

    @pytest.mark.parametrize("volume", [-1, 1.0, True, None])
    def test_refuses_a_volume_that_is_not_a_whole_number(self, volume: Any) -> None:
        with pytest.raises(InvalidBar, match="volume"):
            dataclasses.replace(windows.bar(), volume=volume)

    @pytest.mark.parametrize(
        "start_at",
        [datetime(2013, 1, 2, 9, 30), datetime(2013, 1, 2, 9, 30, tzinfo=timezone(timedelta(hours=-5)))],  # noqa: DTZ001
    )
    def test_refuses_an_instant_that_is_not_utc(self, start_at: datetime) -> None:
        with pytest.raises(InvalidBar, match="aware UTC"):
            dataclasses.replace(windows.bar(), start_at=start_at)

    def test_names_the_bar_it_refuses(self) -> None:
        with pytest.raises(InvalidBar, match="The AAPL bar of 2013-01-02T14:30:00"):
            dataclasses.replace(windows.bar(), volume=-5)

    def test_accepts_no_volume_and_one_price(self) -> None:
        price = Decimal("0.0001")

        quiet = Bar("X", datetime(2013, 1, 2, tzinfo=UTC), price, price, price, price, 0)

        assert quiet.volume == 0


class TestBarWindow:
    def test_refuses_to_be_empty(self) -> None:
        with pytest.raises(InvalidBar, match="at least one bar"):
            BarWindow("AAPL", ())

    def test_refuses_a_bar_of_another_symbol(self) -> None:
        with pytest.raises(InvalidBar, match="given a bar of IBM"):
            BarWindow("AAPL", (windows.bar(0), windows.bar(1, symbol="IBM")))

    @given(st.lists(st.integers(0, 1000), min_size=2, max_size=20))
    def test_accepts_only_starts_that_strictly_rise(self, minutes: list[int]) -> None:
        given_bars = tuple(windows.bar(minute) for minute in minutes)
        rises = sorted(set(minutes)) == minutes

        if rises:
            assert len(BarWindow("AAPL", given_bars)) == len(minutes)
        else:
            with pytest.raises(InvalidBar, match="strictly rise"):
                BarWindow("AAPL", given_bars)

    def test_gives_read_only_views_of_every_column(self) -> None:
        window = windows.of_closes(["100.25", "100.50"], [10, 20])

        assert window.closes.tolist() == [100.25, 100.5]
        assert window.highs.tolist() == [100.26, 100.51]
        assert window.lows.tolist() == [100.24, 100.49]
        assert window.opens.tolist() == [100.25, 100.5]
        assert window.volumes.tolist() == [10.0, 20.0]
        assert window.closes.dtype == np.float64
        with pytest.raises(ValueError, match="read-only"):
            window.closes[0] = 1.0

    def test_keeps_the_last_bar_at_hand(self) -> None:
        assert windows.of_closes(["100", "101"]).last.close == Decimal(101)

    def test_cuts_its_tail(self) -> None:
        window = windows.of_closes(["100", "101", "102"])

        assert [b.close for b in window.tail(2).bars] == [Decimal(101), Decimal(102)]
        assert window.tail(9) is window
        with pytest.raises(InvalidBar):
            window.tail(0)


class TestWindow:
    def test_takes_the_symbol_of_its_bars(self) -> None:
        assert bars.window([windows.bar(0), windows.bar(1)]).symbol == "AAPL"

    def test_refuses_no_bars(self) -> None:
        with pytest.raises(InvalidBar, match="at least one"):
            bars.window([])
