"""Minute bars from a file: ``timestamp,open,high,low,close,volume`` (UTC), optionally ``symbol``, plain or gzipped."""

import csv
import gzip
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TextIO

from trading.venue.market import Bar

COLUMNS = ("timestamp", "open", "high", "low", "close", "volume")
_SYMBOL = re.compile(r"[A-Z][A-Z0-9]{0,9}(\.[A-Z]{1,3})?")


class ReplayError(Exception):
    """The data cannot be replayed; the message is one sentence that names the place and the remedy."""


def symbol_of(path: Path) -> str | None:
    """The symbol a file name begins with: ``INDA_1min.csv.gz`` is INDA; None where it begins with none."""
    head = path.name.split("_")[0].removesuffix(".gz").removesuffix(".csv")
    return head if _SYMBOL.fullmatch(head) else None


def read(path: Path) -> dict[str, list[Bar]]:
    """All bars of a file, by symbol, in order of time. Raises ``ReplayError`` for the first row that is wrong."""
    bars: dict[str, list[Bar]] = {}
    try:
        with _open(path) as file:
            for line, row in _rows(path, file):
                bar = _bar(path, line, row)
                series = bars.setdefault(bar.symbol, [])
                if series and bar.start <= series[-1].start:
                    raise _wrong(path, line, f"{row['timestamp']} is not after the row before it")
                series.append(bar)
    except FileNotFoundError:
        raise ReplayError(f"There is no file {path}; check the path given with --bars.") from None
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise ReplayError(f"{path} cannot be read ({error}); give a CSV file, plain or gzipped.") from error
    if not bars:
        raise ReplayError(f"{path} holds no bars; give a file with at least one row under its header.")
    return bars


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def _rows(path: Path, file: TextIO) -> Iterator[tuple[int, Mapping[str, str]]]:
    reader = csv.DictReader(file)
    names = [name.strip().lower() for name in reader.fieldnames or ()]
    absent = [column for column in COLUMNS if column not in names]
    if absent:
        raise ReplayError(f"{path} has no column {', '.join(absent)}; its first line must be {','.join(COLUMNS)}.")
    if "symbol" not in names and symbol_of(path) is None:
        raise ReplayError(f"{path} tells no symbol; name it like INDA_1min.csv.gz or add a symbol column.")
    reader.fieldnames = names
    for row in reader:
        if None in row or None in row.values():
            raise _wrong(path, reader.line_num, f"it has not {len(names)} fields")
        yield reader.line_num, row


def _bar(path: Path, line: int, row: Mapping[str, str]) -> Bar:
    opening, high, low, close = (_price(path, line, name, row[name]) for name in COLUMNS[1:5])
    if not low <= min(opening, close) <= max(opening, close) <= high:
        raise _wrong(path, line, f"open {opening} and close {close} do not lie between low {low} and high {high}")
    return Bar(
        symbol=_symbol(path, line, row),
        start=_instant(path, line, row["timestamp"]),
        open=opening,
        high=high,
        low=low,
        close=close,
        volume=_volume(path, line, row["volume"]),
    )


def _symbol(path: Path, line: int, row: Mapping[str, str]) -> str:
    symbol = row["symbol"].strip().upper() if "symbol" in row else symbol_of(path) or ""
    if not _SYMBOL.fullmatch(symbol):
        raise _wrong(path, line, f"{symbol!r} is not a symbol")
    return symbol


def _instant(path: Path, line: int, text: str) -> datetime:
    try:
        read_as = datetime.fromisoformat(text.strip())
    except ValueError:
        raise _wrong(path, line, f"{text!r} is not a timestamp like 2023-07-10 14:30:00 (UTC)") from None
    instant = read_as.replace(tzinfo=UTC) if read_as.tzinfo is None else read_as.astimezone(UTC)
    if instant.second or instant.microsecond:
        raise _wrong(path, line, f"{text!r} is not the start of a minute")
    return instant


def _price(path: Path, line: int, name: str, text: str) -> Decimal:
    price = _number(path, line, name, text)
    if price <= 0:
        raise _wrong(path, line, f"{name} {text} is not above zero")
    return price


def _volume(path: Path, line: int, text: str) -> int:
    volume = _number(path, line, "volume", text)
    if volume < 0 or volume != volume.to_integral_value():
        raise _wrong(path, line, f"volume {text} is not a whole number of shares")
    return int(volume)


def _number(path: Path, line: int, name: str, text: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise _wrong(path, line, f"{name} {text!r} is not a number") from None
    if not number.is_finite():
        raise _wrong(path, line, f"{name} {text!r} is not a finite number")
    return number


def _wrong(path: Path, line: int, what: str) -> ReplayError:
    return ReplayError(f"Line {line} of {path} is refused: {what}; correct or remove the row.")
