"""Control 38: how far the market has fallen, on both sides of each step; a halt of all; and a symbol that pauses."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.at_trade import market
from risk.at_trade.values import AlarmCode, Market, Move
from risk.exposure import DenialCode
from risk.standing import Limits, Unjudgeable
from tests.unit.risk.cases import ACCOUNT, NOW, case, code, codes, leaving
from tests.unit.risk.watching import CALM

OPEN = NOW - timedelta(minutes=30)
NONE = Limits()


def moves(*lasts: str, before: str = "100", minutes: float = 1) -> tuple[Move, ...]:
    at = NOW - timedelta(minutes=minutes)
    return tuple(Move(f"S{number}", Decimal(before), Decimal(last), at) for number, last in enumerate(lasts))


def judged(found: tuple[Move, ...], **changes: object) -> list[AlarmCode]:
    seen = replace(Market(NOW, OPEN, found), **changes)  # type: ignore[arg-type]
    return [each.code for each in market.market_wide(replace(CALM, market=seen), NONE)]


class TestMarketWide:
    @pytest.mark.parametrize(
        ("last", "said"),
        [("93.01", None), ("93", "MARKET_FELL_7"), ("87.01", "MARKET_FELL_7"), ("87", "MARKET_FELL_13"),
         ("80.01", "MARKET_FELL_13"), ("80", "MARKET_FELL_20"), ("120", None)],
    )  # fmt: skip
    def test_steps_by_the_fall_since_the_last_close(self, last: str, said: str | None) -> None:
        assert judged(moves(last, last, last)) == ([said] if said else [])

    def test_goes_by_the_middle_of_the_symbols(self) -> None:
        assert judged(moves("10", "100", "100")) == []
        assert judged(moves("90", "90", "100")) == ["MARKET_FELL_7"]

    def test_halts_at_once_when_all_trading_is_halted(self) -> None:
        assert judged(moves("100"), halted="MWC1 Level 1") == ["MARKET_HALTED"]

    @given(st.lists(st.integers(1, 200), min_size=1, max_size=9), st.integers(1, 50))
    def test_knows_no_price_only_proportion(self, lasts: list[int], times: int) -> None:
        one = judged(moves(*map(str, lasts)))
        other = judged(moves(*(str(each * times) for each in lasts), before=str(100 * times)))

        assert one == other

    @pytest.mark.parametrize(
        "found",
        [moves("90", minutes=10.1), moves("NaN"), moves("0"), moves("90", before="0"), moves("90", minutes=-1),
         (Move("S0", None, Decimal(90), NOW),), (Move("S0", Decimal(90), None, None),), ()],
    )  # fmt: skip
    def test_does_not_judge_by_what_is_missing_old_or_no_number(self, found: tuple[Move, ...]) -> None:
        with pytest.raises(Unjudgeable, match="how far the market"):
            judged(found)

    def test_does_not_judge_by_the_smaller_half(self) -> None:
        with pytest.raises(Unjudgeable):
            judged((*moves("90"), *moves("90", "90", minutes=11)))
        assert judged((*moves("90"), *moves("90", minutes=11))) == ["MARKET_FELL_7"]

    @pytest.mark.parametrize(("minutes", "waits"), [(10, True), (10.1, False)])
    def test_waits_for_the_first_prices_of_a_session(self, minutes: float, waits: bool) -> None:
        began = NOW - timedelta(minutes=minutes)
        if waits:
            assert judged((), opened_at=began) == []
        else:
            with pytest.raises(Unjudgeable):
                judged((), opened_at=began)

    def test_does_not_judge_what_nobody_read(self) -> None:
        with pytest.raises(Unjudgeable, match="how the market stands"):
            market.market_wide(replace(CALM, market=None), NONE)


class TestPaused:
    def test_denies_an_entry_and_lets_an_exit_wait(self) -> None:
        assert ACCOUNT.instrument is not None
        paused = replace(ACCOUNT, instrument=replace(ACCOUNT.instrument, paused="LUDP Volatility Trading Pause"))

        assert code(case(exposure=paused), 38) == DenialCode.SYMBOL_PAUSED
        assert code(case(), 38) == ""
        assert code(case(exposure=replace(ACCOUNT, instrument=None)), 38) == DenialCode.INPUT_MISSING
        assert "SYMBOL_PAUSED" not in codes(case(proposed=leaving(), exposure=paused))
