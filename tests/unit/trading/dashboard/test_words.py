"""Figures and instants are written as the desk writes them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as draw

from trading.dashboard import words

MORNING = datetime(2012, 5, 9, 14, 41, 7, tzinfo=UTC)
MONEY = draw.decimals(min_value=-(10**9), max_value=10**9, places=2)


class TestMoney:
    @pytest.mark.parametrize(
        ("value", "text"),
        [("100182.37", "100,182.37"), ("-3.24", "−3.24"), ("0", "0.00"), ("-0.004", "0.00"), ("1.005", "1.01")],
    )
    def test_has_thousands_and_a_true_minus(self, value: str, text: str) -> None:
        assert words.money(Decimal(value)) == text

    def test_is_a_dash_when_not_known(self) -> None:
        assert words.money(None) == words.NOTHING

    @given(MONEY)
    def test_can_be_read_back(self, value: Decimal) -> None:
        text = words.money(value).replace(",", "").replace("−", "-")

        assert Decimal(text) == value


class TestSigned:
    @pytest.mark.parametrize(
        ("value", "text"), [("182.37", "+182.37"), ("-3.24", "−3.24"), ("0", "0.00"), ("0.001", "0.00")]
    )
    def test_shows_the_sign_of_all_but_nothing(self, value: str, text: str) -> None:
        assert words.signed(Decimal(value)) == text

    @given(MONEY.filter(bool))
    def test_always_begins_with_a_sign(self, value: Decimal) -> None:
        assert words.signed(value)[0] in "+−"


class TestPrice:
    @pytest.mark.parametrize(("value", "text"), [("585.910000", "585.91"), ("0.1234", "0.1234"), ("27", "27.00")])
    def test_has_as_many_decimals_as_it_needs(self, value: str, text: str) -> None:
        assert words.price(Decimal(value)) == text


class TestShares:
    @pytest.mark.parametrize(
        ("value", "text"), [("8.000000000", "8"), ("0.25", "0.25"), ("1200", "1,200"), ("-61", "−61")]
    )
    def test_drops_idle_zeros(self, value: str, text: str) -> None:
        assert words.shares(Decimal(value)) == text


class TestPercent:
    def test_has_a_thin_space_before_its_unit(self) -> None:
        assert words.percent(Decimal("0.0018")) == "0.18\u202f%"

    def test_carries_the_sign_where_asked(self) -> None:
        assert words.signed_percent(Decimal("0.0093")) == "+0.93\u202f%"


class TestMoment:
    def test_is_the_time_in_new_york(self) -> None:
        assert words.moment(MORNING, date(2012, 5, 9)) == "10:41:07"

    def test_names_the_day_of_another_day(self) -> None:
        assert words.moment(MORNING, date(2012, 5, 10)) == "2012-05-09 10:41"

    def test_belongs_to_the_day_in_new_york(self) -> None:
        late = datetime(2012, 5, 10, 1, 0, tzinfo=UTC)

        assert words.moment(late, date(2012, 5, 9)) == "21:00:00"


class TestAge:
    @pytest.mark.parametrize(
        ("seconds", "text"),
        [(0.34, "0.3 s"), (42, "42 s"), (840, "14 min"), (19080, "5 h 18 m"), (300000, "3 d"), (-2, "0.0 s")],
    )
    def test_is_as_fine_as_it_matters(self, seconds: float, text: str) -> None:
        assert words.age(seconds).replace("\u202f", " ") == text
