"""`make demo`: the whole desk on this machine against the simulated venue, with random keys and no real money.

`--sessions N` trades N sessions, writes the summary and ends; without it the venue goes on until Ctrl-C.
"""

import argparse
import json
import os
import secrets
import shutil
import string
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from config import embedded, launch, programs
from config.env.variables import TABLE
from config.launch import ROOT, UnableToLaunch, say
from config.supervisor import Program, Supervisor

HOME = ROOT / "var" / "demo"
LOGS = ROOT / "var" / "log"
SEED = 7
PACE = 1.0  # least seconds for a minute of the market
VARIABLES = HOME / "environment"
ACCOUNTS = {"PA3DEMO00001": ("paper", "PK", "100000"), "814400001": ("live", "AK", "100000")}
_KEY_LETTERS = string.ascii_uppercase + "234567"


def main(arguments: Sequence[str]) -> int:
    """Run the demo; return the exit code."""
    options = _options(arguments)
    launch.take_signals()
    began = time.monotonic()
    services = embedded.Services(HOME / "services")
    supervisor: Supervisor | None = None
    try:
        held = launch.lock(ROOT / "var")
        launch.check_port(options.port, "demo")
        if options.reset:
            _reset()
        addresses = services.start()
        say(f"PostgreSQL and Valkey run under var/demo ({time.monotonic() - began:.0f} s).")
        venue_port = embedded.free_port()
        environment = _environment(options.port, venue_port, addresses)
        hand_out(environment)
        supervisor = Supervisor(ROOT, LOGS, environment, say)
        launch.start(supervisor, [_venue(options, venue_port)])
        launch.prepare(environment, addresses.owner_url)
        say(f"The desk is furnished ({time.monotonic() - began:.0f} s).")
        _start_desk(supervisor, options.port, venue_port)
        say(f"Look at http://localhost:{options.port} ({time.monotonic() - began:.0f} s). Logs are in var/log.")
        code = _trade(supervisor, options.sessions, venue_port, environment, began)
        held.close()
    except KeyboardInterrupt:
        say("Ending.")
        code = 0 if options.sessions is None else 130
    except (UnableToLaunch, embedded.UnableToServe) as refusal:
        say(f"The demo stopped: {refusal}")
        code = 2
    finally:
        launch.ignore_signals()
        if supervisor is not None:
            supervisor.stop()
        services.stop()
        VARIABLES.unlink(missing_ok=True)
    return code


def hand_out(environment: Mapping[str, str]) -> None:
    """Write the demo's variables as a file for ENV_FILE, private to its owner, so that commands find this desk."""
    ours = [f"{name}={value}" for name, value in environment.items() if name in TABLE]
    embedded.write_private(VARIABLES, "\n".join([*ours, ""]))


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m config.demo", description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="port of the site")
    parser.add_argument("--sessions", type=int, help="how many sessions to trade, then end")
    parser.add_argument("--reset", action="store_true", help="begin afresh")
    options = parser.parse_args(arguments)
    if not 0 < options.port < 65536:
        parser.error(f"--port is {options.port}; choose from 1 to 65535.")
    if options.sessions is not None and options.sessions < 1:
        parser.error(f"--sessions is {options.sessions}; choose 1 or more.")
    return options


def _reset() -> None:
    embedded.remove(HOME / "services")
    shutil.rmtree(HOME, ignore_errors=True)
    shutil.rmtree(LOGS, ignore_errors=True)
    say("Everything of earlier runs is removed.")


def _environment(port: int, venue_port: int, addresses: embedded.Addresses) -> dict[str, str]:
    """Return the variables of all programs: ours alone, so that no key of the person's own gets into the demo."""
    inherited = {name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in TABLE}
    inherited = {name: value for name, value in inherited.items() if not name.startswith(("ALPACA_", "TRADING_"))}
    venue = f"http://127.0.0.1:{venue_port}"
    return inherited | {
        "ENV_FILE": "",
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "PYTHONUNBUFFERED": "1",
        # Settings and code are those that were checked before they came here; the variables are checked anyway.
        "CELERY_SKIP_CHECKS": "1",
        # So that the venue's account of live kind can be signed for; its money is no more real than the other's.
        "TRADING_MODE": "live",
        "LIVE_TRADING_ENABLED": "true",
        "ALPACA_ACCOUNTS_FILE": str(_accounts(venue)),
        "ALPACA_BASE_URL": venue,
        "ALPACA_DATA_URL": venue,
        "VENUE_CONTROL_URL": venue,
        "VENUE_CONTROL_TOKEN": launch.secret_of(HOME, "venue"),
        "DATABASE_URL": addresses.database_url,
        "REDIS_URL": addresses.redis_url,
        "DJANGO_SECRET_KEY": launch.secret_of(HOME, "django"),
        "METRICS_TOKEN": launch.secret_of(HOME, "metrics"),
        "SITE_URL": f"http://localhost:{port}",
        "LOG_FORMAT": "console",
    }


def _accounts(venue_url: str) -> Path:
    """Write the keys as both sides read them; random once, then the same until a reset."""
    path, known = HOME / "accounts.json", {}
    if path.exists():
        known = json.loads(path.read_text(encoding="utf-8"))
    ours: dict[str, dict[str, str]] = {}
    theirs: list[dict[str, str]] = []
    for number, (kind, prefix, cash) in ACCOUNTS.items():
        old = known.get(number, {})
        key = old.get("key") or prefix + "".join(secrets.choice(_KEY_LETTERS) for _ in range(18))
        secret = old.get("secret") or secrets.token_hex(20)
        ours[number] = {"key": key, "secret": secret, "kind": kind, "base_url": venue_url, "data_url": venue_url}
        theirs.append({"key": key, "secret": secret, "cash": cash, "number": number, "kind": kind})
    embedded.write_private(path, json.dumps(ours, indent=1))
    embedded.write_private(HOME / "venue-accounts.json", json.dumps(theirs, indent=1))
    return path


def _venue(options: argparse.Namespace, port: int) -> Program:
    return programs.venue(
        port,
        accounts=str(HOME / "venue-accounts.json"),
        state=str(HOME / "venue-state.json"),
        sessions=options.sessions,
        pace=0 if options.sessions else PACE,
        seed=SEED,
    )


def _start_desk(supervisor: Supervisor, port: int, venue_port: int) -> None:
    patience = launch.READY_PATIENCE_SECONDS
    launch.wait(supervisor, lambda: _state(supervisor, venue_port) is not None, patience=patience, what="The venue")
    launch.start(supervisor, programs.desk(port, str(HOME / "beat-schedule")))
    launch.wait_for_site(supervisor, port)


def _state(supervisor: Supervisor, venue_port: int, *, act: str = "state") -> dict[str, Any] | None:
    token = {"X-Venue-Token": supervisor.environment["VENUE_CONTROL_TOKEN"]}
    post = None if act == "state" else b""
    body = launch.answers(f"http://127.0.0.1:{venue_port}/venue/{act}", token, post=post)
    return None if body is None else json.loads(body)


def _trade(
    supervisor: Supervisor, sessions: int | None, venue_port: int, environment: Mapping[str, str], began: float
) -> int:
    _let_go(supervisor, venue_port)
    if sessions is None:
        say("A minute of the market passes in a second. Ctrl-C ends everything; a second start goes on from there.")
        say("Commands find this desk so: ENV_FILE=var/demo/environment .venv/bin/python manage.py preflight")
        launch.wait(supervisor, lambda: False, patience=None, what="")
    progress = _Progress(began)
    launch.wait(supervisor, lambda: progress.is_done(_state(supervisor, venue_port)), patience=None, what="")
    return _summary(environment, began)


def _let_go(supervisor: Supervisor, venue_port: int) -> None:
    """Open the market once somebody takes part, so that nobody misses its first minute."""

    def somebody() -> bool:
        state = _state(supervisor, venue_port)
        return state is not None and bool(state["participants"])

    launch.wait(supervisor, somebody, patience=launch.READY_PATIENCE_SECONDS, what="The order stream")
    _state(supervisor, venue_port, act="start")


class _Progress:
    """Tells how far the sessions have come, a line for every hour of the market and for every change of trouble."""

    def __init__(self, began: float) -> None:
        self._began = began
        self._told = ""

    def is_done(self, state: Mapping[str, Any] | None) -> bool:
        """Tell what is new and return whether the last session is closed."""
        if state is None:
            self._tell("The venue does not answer; the desk waits for it.")
            return False
        session, hour = state["session"], state["minute"] // 60 + 1
        if state["stage"] == "open":
            self._tell(f"Session {session['index']} of {session['total']}, {session['date']}, hour {hour}")
        elif state["stage"] == "after_close":
            self._tell(f"Session {session['index']} of {session['total']}, {session['date']}, closing")
        if state["done"]:
            self._tell("All sessions are closed; summing up")
        return bool(state["done"])

    def _tell(self, text: str) -> None:
        if text != self._told:
            self._told = text
            say(f"{text} ({time.monotonic() - self._began:.0f} s)")


def _summary(environment: Mapping[str, str], began: float) -> int:
    # It ends with 1 where the books differ, and says so in figures.
    text = launch.once(
        programs.manage("summary", "--json", "--skip-checks"), environment, "The summary", accepts=(0, 1)
    )
    line = next((line for line in reversed(text.splitlines()) if line.startswith("{")), None)
    if line is None:
        raise launch.UnableToLaunch(f"The summary failed: {text.strip()}")
    summary: dict[str, Any] = json.loads(line)
    summary["seconds"] = round(time.monotonic() - began, 1)
    (HOME / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    for name, value in summary.items():
        say(f"  {name.replace('_', ' ')}: {json.dumps(value) if isinstance(value, dict | list) else value}")
    say("Written to var/demo/summary.json.")
    if summary["books_equal_broker"] is not True:
        say("The books differ from the broker's.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
