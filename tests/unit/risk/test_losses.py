"""Monitors 30 and 31, on both sides of each bound, and the index they stand on."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from risk.at_trade import losses
from risk.at_trade.values import Track
from risk.standing import Limits
from tests.unit.risk.cases import D
from tests.unit.risk.watching import CALM, TRACK, WEDNESDAY, alarms, blind, said


class TestDay:
    @pytest.mark.parametrize(
        ("equity", "expected"),
        [
            ("100000", []),
            ("99500.01", []),
            ("99500", [("LOSS_DAY_WARNED", "warn")]),
            ("99000.01", [("LOSS_DAY_WARNED", "warn")]),
            ("99000", [("LOSS_DAY_HALTED", "H1")]),
            ("98000.01", [("LOSS_DAY_HALTED", "H1")]),
            ("98000", [("LOSS_DAY_FLATTENED", "H3")]),
            ("50000", [("LOSS_DAY_FLATTENED", "H3")]),
        ],
    )
    def test_acts_by_the_gravest_step_alone(self, equity: str, expected: list[tuple[str, str]]) -> None:
        assert said(equity=D(equity)) == expected

    def test_takes_a_deposit_for_no_profit(self) -> None:
        assert said(equity=D("109000"), transfers=D("10000")) == [("LOSS_DAY_HALTED", "H1")]

    def test_takes_a_withdrawal_for_no_loss(self) -> None:
        assert said(equity=D("90000"), transfers=D("-10000")) == []

    def test_acts_once_a_session_and_says_why(self) -> None:
        alarm = alarms(equity=D("99000"))[0]

        assert alarm.once_since == WEDNESDAY
        assert alarm.sentence == "The account has lost 1 % today ($1,000); from 1 % on entries stop."
        assert (alarm.limit.name, alarm.seen) == ("day_loss_fraction", "0.010000")

    @pytest.mark.parametrize("name", ["equity", "last_equity", "transfers"])
    @pytest.mark.parametrize("figure", [None, D("NaN"), D("Infinity")])
    def test_is_blind_without_figures(self, name: str, figure: object) -> None:
        changes: dict[str, Any] = {name: figure}

        assert 30 in blind(**changes)

    def test_is_blind_with_nothing_to_lose(self) -> None:
        assert 30 in blind(last_equity=D("0"))


class TestLonger:
    @pytest.mark.parametrize(
        ("index", "expected"),
        [("0.97001", []), ("0.97", [("LOSS_WEEK_HALTED", "H1")])],
    )
    def test_halts_entries_by_the_week(self, index: str, expected: list[tuple[str, str]]) -> None:
        assert said(track=replace(TRACK, index=D(index))) == expected

    @pytest.mark.parametrize(("index", "expected"), [("0.95001", []), ("0.95", [("DRAWDOWN_HALTED", "H2")])])
    def test_cancels_entries_by_the_drawdown(self, index: str, expected: list[tuple[str, str]]) -> None:
        assert said(track=replace(TRACK, index=D(index), week_index=D(index))) == expected

    def test_acts_once_a_week_and_once_a_peak(self) -> None:
        found = alarms(track=replace(TRACK, index=D("0.9")))

        assert [each.once_since for each in found] == [TRACK.week, TRACK.peak_date]

    def test_is_blind_without_a_past(self) -> None:
        assert blind(track=None) == {31}

    def test_is_blind_without_limits(self) -> None:
        assert blind(Limits()) >= {27, 29, 30, 31, 33, 34}


def day(track: Track | None, on: date, equity: str, last: str, transfers: str = "0") -> Track:
    return losses.advance(track, session_date=on, equity=D(equity), last_equity=D(last), transfers=D(transfers))


_PAID = st.integers(-300_000, 300_000)


class TestAdvance:
    def test_begins_with_today(self) -> None:
        track = day(None, WEDNESDAY, "99000", "100000")

        assert (track.closed, track.index, track.peak_index) == (1, D("0.99"), 1)

    def test_repeats_to_the_same_value(self) -> None:
        once = day(None, WEDNESDAY, "99000", "100000")

        assert day(once, WEDNESDAY, "99000", "100000") == once

    def test_chains_sessions_by_the_brokers_own_closes(self) -> None:
        wednesday = day(None, WEDNESDAY, "101000", "100000")
        thursday = day(wednesday, WEDNESDAY + timedelta(days=1), "99990", "101000")

        assert thursday.closed == D("1.01")
        assert thursday.index == D("0.9999")
        assert (thursday.peak_index, thursday.peak_date) == (D("1.01"), WEDNESDAY)

    def test_closes_a_session_it_did_not_see_the_end_of(self) -> None:
        noon = day(None, WEDNESDAY, "100000", "100000")

        assert day(noon, WEDNESDAY + timedelta(days=1), "98000", "98000").closed == D("0.98")

    def test_begins_a_week_where_the_last_one_closed(self) -> None:
        friday = day(None, date(2026, 3, 6), "98000", "100000")
        monday = day(friday, date(2026, 3, 9), "98000", "98000")

        assert (monday.week, monday.week_index) == (date(2026, 3, 9), D("0.98"))

    def test_waits_for_the_broker_to_name_the_new_close(self) -> None:
        wednesday = day(None, WEDNESDAY, "98000", "100000")

        early = day(wednesday, WEDNESDAY + timedelta(days=1), "98000", "100000")
        opened = day(early, WEDNESDAY + timedelta(days=1), "98000", "98000")

        assert (early.index, opened.index, opened.closed) == (D("0.98"), D("0.98"), D("0.98"))

    def test_does_not_go_back(self) -> None:
        thursday = day(None, date(2026, 3, 5), "98000", "100000")

        assert day(thursday, WEDNESDAY, "1", "100000") == thursday

    def test_takes_a_total_loss(self) -> None:
        broke = day(None, WEDNESDAY, "0", "100000")

        assert broke.index > 0
        assert ("DRAWDOWN_HALTED", "H2") in said(track=broke)

    @given(
        st.lists(st.tuples(st.integers(-300, 300), st.integers(-50_000, 50_000)), min_size=1, max_size=12),
    )
    def test_is_moved_by_returns_and_never_by_transfers(self, days: list[tuple[int, int]]) -> None:
        moved, still = Decimal(100_000), Decimal(100_000)
        with_transfers: Track | None = None
        without: Track | None = None
        for offset, (points, transfer) in enumerate(days):
            on = WEDNESDAY + timedelta(days=offset)
            paid = Decimal(max(transfer, -int(moved / 2)))
            factor = 1 + Decimal(points) / 10_000
            figures: dict[str, Any] = {"session_date": on, "last_equity": moved, "transfers": paid}
            with_transfers = losses.advance(with_transfers, equity=moved * factor + paid, **figures)
            without = losses.advance(
                without, session_date=on, equity=still * factor, last_equity=still, transfers=Decimal(0)
            )
            moved, still = moved * factor + paid, still * factor

        assert with_transfers is not None
        assert without is not None
        assert abs(with_transfers.index - without.index) < D("0.000000001")
        assert with_transfers.peak_index >= with_transfers.index

    @given(st.lists(st.tuples(st.integers(1, 300), _PAID, _PAID, st.booleans()), min_size=1, max_size=10))
    def test_is_moved_by_no_transfer_in_a_session_or_between_two(self, days: list[tuple[int, int, int, bool]]) -> None:
        """Paid before the open, or in the session and seen in it or only after its close: never a gain or a loss."""
        base, settled, index = Decimal(10_000_000), Decimal(0), Decimal(1)
        track: Track | None = None
        for offset, (points, before, inside, seen) in enumerate(days):
            earned = base * points / 10_000
            paid = Decimal(before + inside * seen)
            figures: dict[str, Any] = {"session_date": WEDNESDAY + timedelta(days=offset), "last_equity": base}
            track = losses.advance(track, equity=base + earned + paid, transfers=paid, settled=settled, **figures)
            index *= 1 + Decimal(points) / 10_000
            assert abs(track.index - index) < D("0.00000001")
            assume(earned + before + inside != 0)  # a close told again to the cent is taken for the same session
            base, settled = base + earned + before + inside, Decimal(before + inside)


class TestWatched:
    def test_is_calm_as_it_stands(self) -> None:
        assert said() == []
        assert CALM.track == TRACK
