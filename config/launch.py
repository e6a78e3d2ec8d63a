"""The steps that the demo and `make run` share: lock, port, database, programs, waiting."""

import fcntl
import json
import os
import secrets
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import IO
from urllib.error import URLError

from config import embedded, processes, programs
from config.supervisor import Program, Supervisor

ROOT = Path(__file__).resolve().parents[1]
TICK_SECONDS = 0.2
READY_PATIENCE_SECONDS = 180


class UnableToLaunch(Exception):
    """The launch cannot go on; the text is one sentence for the person at the terminal."""


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


def take_signals() -> None:
    """Make the first polite request to end this process raise KeyboardInterrupt, also when started in the background.

    Further ones are not heard: the first is being followed, and tidying up must not be broken off.
    """

    def interrupt(number: int, frame: FrameType | None) -> None:
        ignore_signals()
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    if "MAKELEVEL" in os.environ:
        processes.die_with_parent()


def ignore_signals() -> None:
    """Let nothing interrupt the tidying up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def lock(home: Path) -> IO[str]:
    """Hold `home` for this process until it ends.

    Raises UnableToLaunch when another process holds it.
    """
    home.mkdir(parents=True, exist_ok=True)
    held = (home / "lock").open("a")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UnableToLaunch("It runs already from this folder; end that first (Ctrl-C there).") from None
    return held


def check_port(port: int, target: str) -> None:
    """Raise UnableToLaunch when somebody listens on `port` of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise UnableToLaunch(f"Port {port} needs more rights; choose another: make {target} PORT=8001") from None
        except OSError:
            raise UnableToLaunch(f"Port {port} is in use; choose another: make {target} PORT={port + 1}") from None


def secret_of(home: Path, name: str, length: int = 48) -> str:
    """Return a random text that stays the same as long as `home` does."""
    path = home / "secrets.json"
    known: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if name not in known:
        known[name] = secrets.token_urlsafe(length)
        embedded.write_private(path, json.dumps(known))
    return known[name]


def once(command: Sequence[str], environment: Mapping[str, str], what: str, *, accepts: Sequence[int] = (0,)) -> str:
    """Run a command to its end and return what it printed; it is kept nowhere else.

    Raises UnableToLaunch with its last line when it ends with a code that is not one of `accepts`.
    """
    return _finish(_begin(command, environment), what, accepts)


def prepare(environment: Mapping[str, str], owner_url: str) -> None:
    """Migrate as the owner, make what is missing, and meanwhile collect the static files.

    Shows what is said: passwords of new people are told only once.
    """
    static = _begin(programs.manage("collectstatic", "--noinput", "-v0"), environment)
    try:
        as_owner = {**environment, "DATABASE_OWNER_URL": owner_url}
        say(once(programs.manage("prepare_database", "--seed"), as_owner, "Preparing the database").rstrip())
        _finish(static, "Collecting static files")
    finally:
        processes.stop(static)


def seed(environment: Mapping[str, str]) -> None:
    """Make the accounts, limits and people that are missing, and show what it says: passwords are told only once."""
    say(once(programs.manage("seed_desk"), environment, "Seeding the desk").rstrip())


def _begin(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return processes.start(command, cwd=ROOT, env=environment, log=subprocess.PIPE)


def _finish(process: subprocess.Popen[bytes], what: str, accepts: Sequence[int] = (0,)) -> str:
    try:
        printed = process.communicate()[0].decode(errors="replace")
    finally:
        processes.stop(process)
    if process.returncode not in accepts:
        raise UnableToLaunch(f"{what} failed: {printed.strip() or 'it said nothing'}")
    return printed


def start(supervisor: Supervisor, wanted: Sequence[Program]) -> None:
    """Start the programs of `wanted`, in order."""
    for program in wanted:
        supervisor.start(program)


def wait(supervisor: Supervisor, done: Callable[[], bool], *, patience: float | None, what: str) -> None:
    """Watch over the programs until `done`.

    Raises UnableToLaunch when that takes longer than `patience` seconds (None: for ever).
    """
    deadline = None if patience is None else time.monotonic() + patience
    while not done():
        if deadline is not None and time.monotonic() > deadline:
            raise UnableToLaunch(f"{what} did not answer within {patience:.0f} s; look into {supervisor.logs}.")
        supervisor.tick()
        time.sleep(TICK_SECONDS)


def wait_for_site(supervisor: Supervisor, port: int) -> None:
    """Watch over the programs until the site on `port` is ready."""
    url = f"http://127.0.0.1:{port}/health/ready"
    wait(supervisor, lambda: answers(url) is not None, patience=READY_PATIENCE_SECONDS, what="The site")


def answers(url: str, headers: Mapping[str, str] | None = None, *, post: bytes | None = None) -> bytes | None:
    """Return the body at a local `url`, or None when nobody answers with success."""
    request = urllib.request.Request(url, data=post, headers=dict(headers or {}))  # noqa: S310 - http on this machine
    try:
        with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310
            body: bytes = response.read()
    except (URLError, OSError):
        return None
    return body
