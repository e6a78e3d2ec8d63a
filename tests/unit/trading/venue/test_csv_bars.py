"""Files of minute bars: what is read, and what is refused by line."""

import gzip
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from trading.venue import csv_bars
from trading.venue.csv_bars import ReplayError

HEADER = "timestamp,open,high,low,close,volume"
GOOD = "2023-07-10 14:30:00,43.58,43.60,43.50,43.55,250.0"


def write(folder: Path, *lines: str, name: str = "INDA_1min.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return path


class TestRead:
    def test_takes_the_symbol_from_the_name_and_the_time_as_utc(self, tmp_path: Path) -> None:
        bars = csv_bars.read(write(tmp_path, HEADER, GOOD))

        assert list(bars) == ["INDA"]
        assert bars["INDA"][0].start == datetime(2023, 7, 10, 14, 30, tzinfo=UTC)
        assert bars["INDA"][0].high == Decimal("43.60")
        assert bars["INDA"][0].volume == 250

    def test_reads_gzip(self, tmp_path: Path) -> None:
        path = tmp_path / "FXY_1min.csv.gz"
        path.write_bytes(gzip.compress(f"{HEADER}\n{GOOD}\n".encode()))

        assert list(csv_bars.read(path)) == ["FXY"]

    def test_prefers_a_symbol_column_and_converts_other_zones(self, tmp_path: Path) -> None:
        path = write(
            tmp_path, HEADER + ",symbol", "2023-07-10T10:30:00-04:00,1,1,1,1,0,aapl", GOOD + ",IBM", name="all.csv"
        )

        bars = csv_bars.read(path)

        assert bars["AAPL"][0].start == bars["IBM"][0].start

    @pytest.mark.parametrize(
        ("row", "words"),
        [
            ("2023-07-10 14:31:00,43.58,43.60,43.50,43.55", "it has not 6 fields"),
            ("2023-07-10 14:31:00,43.58,43.60,43.50,43.55,1,2", "it has not 6 fields"),
            ("yesterday,43.58,43.60,43.50,43.55,1", "'yesterday' is not a timestamp"),
            ("2023-07-10 14:31:30,43.58,43.60,43.50,43.55,1", "not the start of a minute"),
            ("2023-07-10 14:31:00,abc,43.60,43.50,43.55,1", "open 'abc' is not a number"),
            ("2023-07-10 14:31:00,NaN,43.60,43.50,43.55,1", "open 'NaN' is not a finite number"),
            ("2023-07-10 14:31:00,-1,43.60,43.50,43.55,1", "open -1 is not above zero"),
            ("2023-07-10 14:31:00,43.58,43.00,43.50,43.55,1", "do not lie between"),
            ("2023-07-10 14:31:00,43.58,43.60,43.50,43.55,-1", "volume -1 is not a whole number"),
            ("2023-07-10 14:31:00,43.58,43.60,43.50,43.55,1.5", "volume 1.5 is not a whole number"),
            ("2023-07-10 14:30:00,43.58,43.60,43.50,43.55,1", "is not after the row before it"),
        ],
    )
    def test_names_the_line_of_a_bad_row_in_one_sentence(self, tmp_path: Path, row: str, words: str) -> None:
        path = write(tmp_path, HEADER, GOOD, row)

        with pytest.raises(ReplayError) as refused:
            csv_bars.read(path)

        assert str(refused.value).startswith(f"Line 3 of {path} is refused: ")
        assert words in str(refused.value)
        assert "\n" not in str(refused.value)

    def test_refuses_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(ReplayError, match="There is no file"):
            csv_bars.read(tmp_path / "INDA.csv")

    def test_refuses_a_file_without_bars(self, tmp_path: Path) -> None:
        with pytest.raises(ReplayError, match="holds no bars"):
            csv_bars.read(write(tmp_path, HEADER))

    def test_names_the_columns_that_are_absent(self, tmp_path: Path) -> None:
        with pytest.raises(ReplayError, match="no column close, volume"):
            csv_bars.read(write(tmp_path, "timestamp,open,high,low", "1,1,1,1"))

    def test_refuses_a_file_that_tells_no_symbol(self, tmp_path: Path) -> None:
        with pytest.raises(ReplayError, match="tells no symbol"):
            csv_bars.read(write(tmp_path, HEADER, GOOD, name="bars.csv"))

    @pytest.mark.parametrize(
        "content",
        [b"not gzip", gzip.compress(b"x" * 1000)[:20], gzip.compress(b"\xff\xfe\n\xff")],
        ids=["no gzip", "cut off", "no text"],  # the bytes hold the second they were made in
    )
    def test_refuses_a_file_that_is_broken(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "INDA.csv.gz"
        path.write_bytes(content)

        with pytest.raises(ReplayError, match=r"cannot be read|no column"):
            csv_bars.read(path)
