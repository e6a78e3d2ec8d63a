"""Halting without database and queue: straight to the broker with the account's keys, and a signed file for later.

Starts without Django: `manage.py halt --direct` comes here before anything else is imported.
"""

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol, TextIO

from audit import crash_points
from risk import halt_files
from risk.halt_files import DirectHalt
from trading.broker.bare import BareBroker, Failed

PATIENCE = 10.0
"""Seconds to read back until nothing is open that was to go."""

READ_AGAIN = 0.1
HANDS = 8
UNPINNED = "default"
BY = "halt --direct"


class Printed(Protocol):
    """Where the command writes to."""

    def write(self, text: str, /) -> object: ...
    def flush(self) -> None: ...


class Concealed(Protocol):
    def reveal(self) -> str: ...


class Keys(Protocol):
    """What opens one account and where, as the environment gives it."""

    @property
    def number(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def key(self) -> Concealed: ...
    @property
    def secret(self) -> Concealed: ...
    @property
    def base_url(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """What a direct halt needs of the environment."""

    accounts: Mapping[str, Keys]
    secret: str
    """Signs the file."""
    folder: Path


@dataclass(frozen=True, slots=True)
class Line:
    """One order or position as the broker showed it last; what `risk.receipts.Line` holds."""

    account: str
    subject: str
    action: str
    confirmed: bool
    detail: str


def main(arguments: Sequence[str], desk: Desk, *, now: datetime, out: Printed, ask: TextIO) -> int:
    """Run the command; 0 only when the broker confirmed everything and the file is written."""
    read = _parser().parse_args(arguments)
    chosen = _chosen(desk, read.account)
    if isinstance(chosen, str):
        sys.stderr.write(f"{chosen}\n")
        return 2
    if not read.reason.strip():
        sys.stderr.write("Say why: a halt needs a reason. Nothing was halted.\n")
        return 2
    if not read.json:
        scope = f"account {read.account}" if read.account else "every account"
        out.write(f"{read.level} on {scope}, straight at the broker: {_CONSEQUENCE[read.level]}.\n")
    name = read.account or "firm"
    if read.level == "H3" and not read.yes and ask.isatty():
        out.write(f"H3 closes every position. Type {name} to go on: ")
        out.flush()
        if ask.readline().strip() != name:
            sys.stderr.write("The name was not typed as it is; nothing was halted.\n")
            return 2
    # Latch first: whatever starts or looks from now on finds it, even if we die on the next line.
    written = _write(desk, DirectHalt(read.level, read.account or "", read.reason.strip(), BY, now))
    crash_points.reach("direct.file_written")
    lines = [line for keys in chosen for line in stop(keys, read.level, suspend=read.suspend)]
    crash_points.reach("direct.stopped")
    kept = _write(
        desk, DirectHalt(read.level, read.account or "", read.reason.strip(), BY, now, tuple(map(asdict, lines)))
    )
    if isinstance(kept, Path) and isinstance(written, Path):
        written.unlink(missing_ok=True)
    complete = all(line.confirmed for line in lines) and isinstance(kept, Path)
    _tell(out, lines, kept, complete=complete, as_json=read.json)
    return 0 if complete else 1


_CONSEQUENCE = {
    "H1": "nothing is canceled; no process of the desk sends an entry while the file is there",
    "H2": "orders are canceled, but those that only reduce a position stay",
    "H3": "every order is canceled and every position closed at market",
}


def stop(keys: Keys, level: str, *, suspend: bool = False) -> list[Line]:
    """Do at the broker what the level says, and read back. A broker that is away is a line, not an error."""
    if level == "H1":
        return []
    number = keys.number
    try:
        broker = _broker(keys)
        try:
            opened = broker.account_number()
            if number not in (UNPINNED, opened):
                return [Line(number, number, "cancel", False, f"the keys open account {opened}; nothing was done")]
            lines = _cancel(broker, keys) if level == "H2" else _flatten(broker, number)
            if suspend and level == "H3":
                lines.append(_suspend(broker, number, complete=all(line.confirmed for line in lines)))
            return lines
        finally:
            broker.close()
    except Failed as failure:
        return [Line(number, number, "cancel", False, str(failure))]


def _broker(keys: Keys) -> BareBroker:
    return BareBroker(keys.base_url, keys.key.reveal(), keys.secret.reveal())


def _cancel(broker: BareBroker, keys: Keys) -> list[Line]:
    """Cancel what could add exposure; with nothing to keep by one request, else each by itself."""
    held, resting = broker.positions(), broker.open_orders()
    going = [each for each in resting if not _reduces(each, held)]
    if len(going) == len(resting):
        broker.cancel_all()
    else:
        going.sort(key=_exposure, reverse=True)
        hands = [_broker(keys) for _ in range(min(HANDS, len(going)))]
        free = list(hands)

        def cancel(order: dict[str, Any]) -> None:
            hand = free.pop()
            try:
                hand.cancel(str(order["id"]))
            finally:
                free.append(hand)

        if going:
            with ThreadPoolExecutor(len(hands)) as pool:
                list(pool.map(cancel, going))
        for hand in hands:
            hand.close()
    left = _until(lambda: _open_among(broker, {str(each["id"]) for each in going}))
    return [_order_line(keys.number, each, str(each["id"]) not in left) for each in going]


def _flatten(broker: BareBroker, number: str) -> list[Line]:
    resting, held = broker.open_orders(), broker.positions()
    broker.cancel_all()
    ids = {str(each["id"]) for each in resting}
    # Shares stay held until the cancels are final; closing before that would be refused.
    open_ = _until(lambda: _open_among(broker, ids))
    broker.close_all()
    left = _until(lambda: set(broker.positions()))
    lines = [_order_line(number, each, str(each["id"]) not in open_) for each in resting]
    for symbol, quantity in held.items():
        word = "closed" if symbol not in left else "not closed yet"
        lines.append(Line(number, symbol, "close", symbol not in left, f"{quantity.normalize():f} {word}"))
    return lines


def _suspend(broker: BareBroker, number: str, *, complete: bool) -> Line:
    if not complete:
        return Line(number, f"account {number}", "suspend", False, "not locked: something is still open")
    broker.suspend()
    return Line(number, f"account {number}", "suspend", True, "locked at the broker; a person unlocks it there")


def _until(read: Any) -> set[str]:
    """Read until nothing is left or patience ends; what is left."""
    deadline = time.monotonic() + PATIENCE
    while (left := read()) and time.monotonic() < deadline:
        time.sleep(READ_AGAIN)
    return set(left)


def _open_among(broker: BareBroker, ids: set[str]) -> set[str]:
    return ids.intersection(str(each.get("id")) for each in broker.open_orders())


def _reduces(order: dict[str, Any], held: Mapping[str, Decimal]) -> bool:
    quantity = held.get(str(order.get("symbol")), Decimal(0))
    return bool(quantity) and order.get("side") == ("sell" if quantity > 0 else "buy")


def _exposure(order: dict[str, Any]) -> Decimal:
    return Decimal(str(order.get("qty") or 0)) * Decimal(str(order.get("limit_price") or order.get("stop_price") or 1))


def _order_line(number: str, order: dict[str, Any], gone: bool) -> Line:
    what = f"{order.get('symbol')} {order.get('side')} {order.get('qty')}"
    subject = str(order.get("client_order_id") or order["id"])
    return Line(number, subject, "cancel", gone, f"{what}: {'no longer open' if gone else 'STILL OPEN'}")


def _chosen(desk: Desk, number: str | None) -> list[Keys] | str:
    if number is None:
        return list(desk.accounts.values())
    found = desk.accounts.get(number)
    known = ", ".join(desk.accounts) or "none"
    return [found] if found else f"There are no keys for account {number}; known are: {known}. Nothing was halted."


def _write(desk: Desk, halt: DirectHalt) -> Path | str:
    try:
        return halt_files.write(desk.folder, desk.secret, halt)
    except OSError as problem:
        return f"The halt file could not be written ({type(problem).__name__}): stop every process by hand."


def _tell(out: Printed, lines: list[Line], kept: Path | str, *, complete: bool, as_json: bool) -> None:
    if as_json:
        told = {"complete": complete, "file": str(kept), "lines": [asdict(line) for line in lines]}
        out.write(json.dumps(told) + "\n")
        return
    for line in lines:
        out.write(f"  {'confirmed' if line.confirmed else 'STILL OPEN'}  {line.action} {line.subject}: {line.detail}\n")
    out.write(f"The desk stays halted by {kept}.\n" if isinstance(kept, Path) else f"{kept}\n")
    out.write("Complete.\n" if complete else "Not complete: look at the broker, then halt again.\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="manage.py halt --direct", description="Halt without database and queue.")
    parser.add_argument("--direct", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--account", help="number of one account; all whose keys are configured without it")
    parser.add_argument("--level", default="H2", choices=("H1", "H2", "H3"), help="default H2: cancel entries")
    parser.add_argument("--scope", default="all", choices=("all",), help="the books are not there: always all")
    parser.add_argument("--reason", required=True, help="why; kept in the file")
    parser.add_argument("--suspend", action="store_true", help="after H3 also lock the account at the broker")
    parser.add_argument("--yes", action="store_true", help="do not ask at a terminal before H3")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser
