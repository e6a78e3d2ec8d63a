"""A process with everything imported, whose forks are the real programs of the desk: they start in no time.

One line of JSON in starts a program, one line out tells of each start and each end. Ends with standard input.
"""

import ctypes
import json
import os
import pkgutil
import select
import signal
import sys
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import django

from tests.crash.striking import Strike, arm

EARLY = (
    "config.celery",
    "celery.bin.celery",
    "celery.bin.worker",
    "celery.bin.beat",
    "celery.apps.worker",
    "celery.apps.beat",
    "celery.beat",
    "celery.concurrency.prefork",
    "celery.worker.consumer",
    "kombu.transport.redis",
    "uvicorn",
    "apprise",
    "shelve",
)
"""What the programs import themselves, each time anew, were it not there already."""


def main() -> NoReturn:
    """Fork what is asked for until nobody asks any more; what is left dies with this process."""
    django.setup()
    from tests.crash import tempo

    for name in (*EARLY, *_own_modules()):
        import_module(name)
    tempo.after_setup()
    _learn_the_calendar()
    names: dict[int, str] = {}
    _say(ready=os.getpid())
    rest = b""
    while True:
        readable, _, _ = select.select([0], [], [], 0.02)
        if readable:
            chunk = os.read(0, 65536)
            if not chunk:
                os._exit(0)  # it has nothing in hand, and everything imported: tidying up would take a while
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                asked = json.loads(line)
                pid = os.fork()
                if pid == 0:
                    _be(asked)
                names[pid] = asked["name"]
                _say(started=asked["name"], pid=pid)
        _reap(names)


def _own_modules() -> list[str]:
    """Every module of the three apps but their migrations and the simulated venue."""
    found = []
    for app in ("audit", "risk", "trading"):
        package = import_module(app)
        for each in pkgutil.walk_packages(package.__path__, f"{app}."):
            if ".migrations" not in each.name and not each.name.startswith("trading.venue"):
                found.append(each.name)
    return found


def _learn_the_calendar() -> None:
    from tests.venue import DAYS
    from trading import sessions

    sessions.session_at(DAYS[0].open)


def _reap(names: dict[int, str]) -> None:
    while names:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        _say(ended=names.pop(pid, "?"), pid=pid, code=os.waitstatus_to_exitcode(status))


def _say(**told: object) -> None:
    os.write(1, (json.dumps(told) + "\n").encode())


def _be(asked: dict[str, Any]) -> NoReturn:
    """Become the program asked for; never returns."""
    parent = os.getppid()
    os.setsid()
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - for as long as the process lives
    arm([Strike(*each) for each in asked["strikes"]], Path(asked["folder"]))
    for dotted, value in asked["patches"].items():
        module, _, name = dotted.rpartition(".")
        setattr(import_module(module), name, timedelta(**value) if isinstance(value, dict) else value)
    # An end like any program's: threads are waited for, and what they have in hand is finished.
    sys.exit(_run(asked["program"], asked["arguments"]))


def _run(program: str, arguments: list[str]) -> int:
    from django.core.management import call_command

    match program:
        case "celery":
            celery = import_module("config.celery").app
            celery.start(arguments)
        case "web":
            import_module("uvicorn").main(arguments)
        case "python":
            import_module(arguments[0]).main(*arguments[1:])
        case _:
            call_command(program, *arguments, skip_checks=True)
    return 0


if __name__ == "__main__":
    main()
