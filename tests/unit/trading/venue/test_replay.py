"""What the venue plays: the package's real days, and files."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from trading.venue import replay
from trading.venue.csv_bars import ReplayError

SHARED = Path(__file__).parents[5] / "shared" / "data"
EARLY_CLOSE = date(2012, 12, 24)


class TestFromPackage:
    def test_plays_the_days_that_all_five_stocks_have(self) -> None:
        played = replay.from_package()

        assert played.symbols == ["AAPL", "FB", "GOOG", "IBM", "MSFT"]
        assert played.sessions[-1].date == date(2013, 3, 1)
        assert len(played.sessions) > 100
        assert played.calendar[0].date == date(2012, 5, 18)
        assert played.calendar[-1].date > played.sessions[-1].date

    def test_gives_every_minute_of_all_stocks_together(self) -> None:
        played = replay.from_package()
        session = played.sessions[0]

        minutes = list(played.minutes(session))

        assert len(minutes) == 390
        assert all([bar.symbol for bar in bars] == played.symbols for bars in minutes)
        assert [bars[0].start for bars in minutes] == [session.open + timedelta(minutes=n) for n in range(390)]

    def test_ends_early_where_the_exchange_did(self) -> None:
        played = replay.from_package(start=EARLY_CLOSE)

        assert played.sessions[0].close == datetime(2012, 12, 24, 18, tzinfo=UTC)
        assert len(list(played.minutes(played.sessions[0]))) == 210

    def test_has_the_real_prices_of_the_day(self) -> None:
        played = replay.from_package(start=date(2013, 3, 1))

        apple = [bars[0] for bars in played.minutes(played.sessions[0])]

        assert (apple[0].open, apple[-1].close) == (Decimal("438.0"), Decimal("430.47"))
        assert max(bar.high for bar in apple) == Decimal("438.1799")
        assert sum(bar.volume for bar in apple) == 19_730_300

    def test_tells_only_what_came_before(self) -> None:
        played = replay.from_package()

        minutes, days = played.history()

        assert len(minutes) == 5 * 5 * 390
        assert len(days) == 5 * replay.WARM_UP_DAYS
        assert max(bar.start for bar in [*minutes, *days]) < played.sessions[0].open

    def test_differs_by_seed_and_says_so(self) -> None:
        one, other = replay.from_package(seed=1), replay.from_package(seed=2)

        assert next(one.minutes(one.sessions[0])) != next(other.minutes(other.sessions[0]))
        assert one.fingerprint != other.fingerprint
        assert "seed 1" in one.description

    @pytest.mark.parametrize("start", [date(2010, 1, 4), date(2013, 3, 2)])
    def test_refuses_a_start_outside_the_data(self, start: date) -> None:
        with pytest.raises(ReplayError, match="outside the data; start between 2012-05-18 and 2013-03-01"):
            replay.from_package(start=start)


class TestFromFiles:
    def write(self, folder: Path, symbol: str, *stamps: str) -> Path:
        path = folder / f"{symbol}_1min.csv"
        rows = (f"{stamp},10,11,9,10,100" for stamp in stamps)
        path.write_text("\n".join(["timestamp,open,high,low,close,volume", *rows]))
        return path

    def test_joins_files_minute_by_minute(self, tmp_path: Path) -> None:
        one = self.write(tmp_path, "AAPL", "2023-07-10 13:30", "2023-07-10 13:31")
        other = self.write(tmp_path, "IBM", "2023-07-10 13:31")

        played = replay.from_files([one, other])

        minutes = list(played.minutes(played.sessions[0]))
        assert [[bar.symbol for bar in bars] for bars in minutes] == [["AAPL"], ["AAPL", "IBM"]]

    def test_leaves_out_bars_outside_the_session_and_says_how_many(self, tmp_path: Path) -> None:
        path = self.write(tmp_path, "AAPL", "2023-07-10 10:00", "2023-07-10 13:30", "2023-07-10 20:00")

        played = replay.from_files([path])

        assert len(list(played.minutes(played.sessions[0]))) == 1
        assert "2 bars outside regular sessions are left out" in played.description

    def test_refuses_bars_of_no_session(self, tmp_path: Path) -> None:
        with pytest.raises(ReplayError, match="no bar within a regular session"):
            replay.from_files([self.write(tmp_path, "AAPL", "2023-07-09 14:30")])

    def test_refuses_a_symbol_given_twice(self, tmp_path: Path) -> None:
        path = self.write(tmp_path, "AAPL", "2023-07-10 13:30")

        with pytest.raises(ReplayError, match="another file gives too"):
            replay.from_files([path, path])

    def test_refuses_no_file(self) -> None:
        with pytest.raises(ReplayError, match="No file of bars"):
            replay.from_files([])

    @pytest.mark.skipif(not (SHARED / "INDA_1min.csv.gz").exists(), reason="the INDA file is not beside the repository")
    def test_plays_a_real_file(self) -> None:
        played = replay.from_files([SHARED / "INDA_1min.csv.gz"])

        session = played.sessions[0]
        minutes = list(played.minutes(session))

        assert played.symbols == ["INDA"]
        assert len(played.sessions) > 90
        assert all(session.open <= bars[0].start < session.close for bars in minutes)
        assert len(minutes) > 100
