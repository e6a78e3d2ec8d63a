"""The venue's command line: what can be asked for, and a venue ready to serve made from it."""

import os
import secrets
import socket
from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from trading.venue import csv_bars, replay, resume, roster, serve
from trading.venue.api import DATA_LIMIT, TRADING_LIMIT, Terms
from trading.venue.faults import reading
from trading.venue.faults.plan import Plan

TOKEN = "VENUE_CONTROL_TOKEN"  # noqa: S105 - the name of the variable, not the token
DEFAULT_SPEED = 60.0
HELP = f"""Run a simulated Alpaca: trading API, market data and streams under one address, driven by replayed bars.

An account is given as {roster.FORM}: CASH in USD (100000 unless given),
NUMBER the account number, KIND paper or live (live for keys that begin with AK). To keep secrets out of
the process list give --accounts-file, a JSON list of {{"key", "secret", "cash", "number", "kind"}}.

Without --bars it replays real daily bars of AAPL, FB, GOOG, IBM and MSFT, their minutes drawn by --seed.
The endpoints under /venue want the header X-Venue-Token: set {TOKEN}, or the venue draws
a token and prints it."""


class CannotServe(Exception):
    """What was asked for cannot be served; the message is one sentence that names the remedy."""


LONGEST_PACE = 3600.0

_REFUSALS = (CannotServe, csv_bars.ReplayError, roster.BadAccount, resume.UnusableState, reading.BadFaults)


@dataclass(frozen=True, slots=True)
class Ready:
    """A venue that has its port and only needs to be run, and what to tell people about it."""

    server: serve.Server
    socket: socket.socket
    announcement: str

    def run(self) -> None:
        """Serve until SIGTERM or Ctrl-C."""
        self.server.serve_on(self.socket)


def declare(parser: ArgumentParser) -> None:
    """Add the venue's options to a parser."""
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    add("--port", type=int, default=8899, help="port to listen on (8899); 0 takes a free one")
    add("--account", action="append", default=[], metavar="KEY:SECRET…", help=f"{roster.FORM}; repeatable")
    add("--accounts-file", type=Path, metavar="FILE", help="JSON list of accounts")
    add("--bars", type=Path, action="append", default=[], metavar="FILE", help="CSV[.gz] of minute bars; repeatable")
    add("--seed", type=int, default=7, help="draws the minutes inside the package's daily bars (7)")
    add("--start", type=date.fromisoformat, metavar="DATE", help="first session to play, YYYY-MM-DD")
    add("--sessions", type=int, metavar="N", help="how many sessions to play from here on (all)")
    pace = parser.add_mutually_exclusive_group()
    pace.add_argument("--speed", type=float, help="virtual seconds per second (60); nights are skipped")
    pace.add_argument("--lockstep", action="store_true", help="the next minute comes when every participant is done")
    add("--pace", type=float, default=0, help="least seconds between two minutes in lock-step (0)")
    add("--hold", action="store_true", help="do not begin before POST /venue/start")
    add("--state", type=Path, metavar="FILE", help="keep the venue's state in FILE and go on from it")
    add("--faults", type=Path, metavar="FILE", help="faults to have: JSON, or TOML (.toml); see docs/venue-faults.md")
    add("--rate-limit", type=int, default=TRADING_LIMIT, help=f"requests per minute ({TRADING_LIMIT}); 0 for no limit")
    add("--connections", type=int, default=0, help="stream connections per account; 0 for any number")


def prepare(options: Mapping[str, Any]) -> Ready:
    """Make a venue from parsed options and take its port.

    Raises CannotServe.
    """
    given = os.environ.get(TOKEN)
    token = given or secrets.token_urlsafe(24)
    taken: socket.socket | None = None
    try:
        accounts, faults = _accounts(options), _faults(options)
        speed, sessions = _speed(options), _sessions(options)
        # The port comes before the bars: what is most often wrong is told at once.
        taken = serve.listen(options["host"], options["port"])
        source = _replay(options)
        terms = _terms(options, token, source.description)
        venue = serve.assemble(
            source, accounts, terms, speed=speed, sessions=sessions, state=options["state"], plan=faults
        )
    except (*_REFUSALS, OSError, OverflowError) as error:
        if taken is not None:
            taken.close()
        if isinstance(error, OSError | OverflowError):
            raise CannotServe(_unusable(options, error)) from None
        raise CannotServe(str(error)) from None
    told = _announcement(taken, source, accounts, None if given else token)
    return Ready(serve.Server(venue), taken, told + _planned(faults))


def _announcement(
    taken: socket.socket, source: replay.Replay, accounts: list[roster.Opening], drawn_token: str | None
) -> str:
    host, port = taken.getsockname()[:2]
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [
        f"Simulated Alpaca venue. {source.description}",
        f"  trading and data   http://{address}",
        f"  trade updates      ws://{address}/stream",
        f"  market data        ws://{address}/v2/iex  (or /v2/sip)",
        f"  control            http://{address}/venue/state  (header X-Venue-Token)",
    ]
    lines += [f"  account            {each.number} ({each.kind}, key {each.keys.key_id})" for each in accounts]
    return "\n".join([*lines, *([f"  control token      {drawn_token}"] if drawn_token else [])])


def _planned(plan: Plan) -> str:
    names = sorted({each.fault.name for each in plan.entries})
    return f"\n  faults             {', '.join(names)} (seed {plan.seed})" if names else ""


def _faults(options: Mapping[str, Any]) -> Plan:
    if options["faults"] is None:
        return Plan()
    wanted = reading.from_file(options["faults"])
    return Plan(wanted.faults, wanted.seed or 0)


def _accounts(options: Mapping[str, Any]) -> list[roster.Opening]:
    listed = roster.from_file(options["accounts_file"]) if options["accounts_file"] else []
    return roster.checked([*listed, *map(roster.from_argument, options["account"])])


def _replay(options: Mapping[str, Any]) -> replay.Replay:
    if options["bars"]:
        return replay.from_files(options["bars"], start=options["start"])
    return replay.from_package(seed=options["seed"], start=options["start"])


def _terms(options: Mapping[str, Any], token: str, description: str) -> Terms:
    limit = _at_least(options, "rate_limit", 0)
    return Terms(
        token,
        description,
        trading_limit=limit,
        data_limit=DATA_LIMIT if limit else 0,
        connections_per_account=_at_least(options, "connections", 0),
        hold=options["hold"],
        pace=_pace(options),
    )


def _speed(options: Mapping[str, Any]) -> float | None:
    if options["lockstep"]:
        return None
    speed = DEFAULT_SPEED if options["speed"] is None else float(options["speed"])
    if not 0 < speed <= 1_000_000:
        raise CannotServe("--speed must be a number above zero, such as 60; or give --lockstep.")
    return speed


def _sessions(options: Mapping[str, Any]) -> int | None:
    return None if options["sessions"] is None else _at_least(options, "sessions", 1)


def _pace(options: Mapping[str, Any]) -> float:
    pace: float = options["pace"]
    if not 0 <= pace <= LONGEST_PACE:
        raise CannotServe(f"--pace must be from 0 to {LONGEST_PACE:.0f} seconds.")
    return pace


def _at_least(options: Mapping[str, Any], name: str, least: int) -> int:
    value: int = options[name]
    if value < least:
        raise CannotServe(f"--{name.replace('_', '-')} must be {least} or more.")
    return value


def _unusable(options: Mapping[str, Any], error: OSError | OverflowError) -> str:
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename} cannot be used: {error.strerror}."
    where = f"{options['host']}:{options['port']}"
    why = error.strerror if isinstance(error, OSError) else "ports go from 0 to 65535"
    return f"The venue cannot listen on {where} ({why}); free that port, or give another --port."
