"""The state file: opening it, doing its acts again after a restart, and going on from there.

Its first line says which replay it belongs to; every further line is one act of the journal.
"""

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from trading.venue import parsing, values, words
from trading.venue.api import Venue
from trading.venue.conductor import Stage
from trading.venue.incidents import Incident
from trading.venue.journal import Acts
from trading.venue.walk import Close, Minute, Open

VERSION = 1
_STEPS = {"open_session": Open, "minute": Minute, "close_session": Close}


class UnusableState(Exception):
    """The state file cannot be gone on with; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class StateFile:
    """A state file as found: its header (new where the file was absent) and where its readable lines end."""

    path: Path
    fingerprint: str
    salt: str
    is_new: bool


def look(path: Path, fingerprint: str) -> StateFile:
    """Read the header of a state file, or make one for a file that is not there yet.

    Raises UnusableState where the file belongs to another replay or is not a state file.
    """
    if not path.exists() or path.stat().st_size == 0:
        return StateFile(path, fingerprint, secrets.token_hex(8), is_new=True)
    remedy = "give another --state file, or delete this one to start afresh"
    with path.open(encoding="utf-8", errors="replace") as file:
        header = _line(file.readline())
    if header is None or header.get("venue_state") != VERSION:
        raise UnusableState(f"{path} is not a state file of this venue; {remedy}.")
    if header.get("fingerprint") != fingerprint:
        raise UnusableState(f"{path} belongs to another replay ({header.get('fingerprint')}); {remedy}.")
    return StateFile(path, fingerprint, str(header["salt"]), is_new=False)


def resume(state: StateFile, venue: Venue) -> int:
    """Do the acts of a state file again and write all further ones to it; returns how many were done again.

    Raises UnusableState where an act comes out differently than it did: then code or data have changed since.
    """
    done = 0
    if state.is_new:
        state.path.parent.mkdir(parents=True, exist_ok=True)
        header = {"venue_state": VERSION, "fingerprint": state.fingerprint, "salt": state.salt}
        state.path.write_text(json.dumps(header) + "\n", encoding="utf-8")
    else:
        done = sum(1 for act in _acts(state.path) if _redo(act, venue, state.path))
    venue.acts.write_to(state.path.open("a", encoding="utf-8"))
    return done


def _acts(path: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the acts of a file; a last line cut short by a kill was never answered, and is cut off the file."""
    with path.open("rb+") as file:
        file.readline()
        while raw := file.readline():
            act = _line(raw) if raw.endswith(b"\n") else None
            if act is None:
                file.seek(-len(raw), 1)
                if file.read()[len(raw) :]:
                    raise UnusableState(f"{path} is damaged in the middle; delete it to start afresh.")
                file.seek(-len(raw), 1)
                file.truncate()
                return
            yield act


def _redo(act: Mapping[str, Any], venue: Venue, path: Path) -> bool:
    now = datetime.fromisoformat(act["now"])
    if now > venue.clock.now():
        venue.clock.jump(now)
    outcome: object = None
    try:
        result = _step(act, venue) if act["act"] in _STEPS else _order(act, venue)
        outcome = getattr(result, "id", None)
    except values.Refusal as refusal:
        outcome = refusal.status
    if outcome != act["outcome"]:
        raise UnusableState(
            f"{path} cannot be gone on with: {act['act']} at {act['now']} comes out differently now "
            "(code or data have changed); delete it to start afresh."
        )
    return True


def _step(act: Mapping[str, Any], venue: Venue) -> object:
    step = venue.conductor.walk.upcoming()
    if isinstance(step, Open):
        venue.acts.open_session()
        venue.conductor.stage = Stage.OPEN
    elif isinstance(step, Minute):
        venue.acts.take_bar(step.bars)
        venue.conductor.participants.minute_sent(step.at)
    elif isinstance(step, Close):
        venue.acts.close_session()
        venue.conductor.participants.session_closed(step.day.date)
        venue.conductor.stage = Stage.AFTER_CLOSE
    if not isinstance(step, _STEPS[act["act"]]):
        raise UnusableState(
            f"The state file goes on where the replay does not ({act['act']}); delete it to start afresh."
        )
    venue.conductor.walk.advance()
    return None


def _order(act: Mapping[str, Any], venue: Venue) -> object:
    try:
        redo = _ORDERS[act["act"]]
    except KeyError:
        raise UnusableState(f"The state file holds an act this venue does not know: {act['act']}.") from None
    return redo(venue.acts, act["account"], act)


def _incident(fields: Mapping[str, Any]) -> Incident:
    changes = fields["changes"]
    return Incident(
        fields["what"],
        fields["account"],
        fields["subject"],
        Decimal(fields["figure"]),
        None if changes is None else parsing.order_changes(_present(changes)),
        fields.get("words", ""),
    )


def _present(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _line(raw: str | bytes) -> dict[str, Any] | None:
    try:
        read = json.loads(raw)
    except ValueError:
        return None
    return read if isinstance(read, dict) else None


_ORDERS: Mapping[str, Callable[[Acts, str, Mapping[str, Any]], object]] = {
    "open": lambda acts, account, act: acts.open_account(account, words.AccountKind(act["kind"]), Decimal(act["cash"])),
    "submit": lambda acts, account, act: acts.submit(account, parsing.order_request(_present(act["order"]))),
    "replace": lambda acts, account, act: acts.replace(
        account, act["id"], parsing.order_changes(_present(act["changes"]))
    ),
    "cancel": lambda acts, account, act: acts.cancel(account, act["id"]),
    "cancel_all": lambda acts, account, act: acts.cancel_all(account),
    "close": lambda acts, account, act: acts.close_position(
        account, act["symbol"], qty=_decimal(act["qty"]), percentage=_decimal(act["percentage"])
    ),
    "close_all": lambda acts, account, act: acts.close_all(account, cancel_orders=act["cancel_orders"]),
    "configure": lambda acts, account, act: acts.configure(account, act["changes"]),
    "incident": lambda acts, account, act: acts.happen(_incident(act["incident"])),
    "flags": lambda acts, account, act: acts.set_flags(
        account, trading_blocked=act["trading_blocked"], account_blocked=act["account_blocked"]
    ),
}
