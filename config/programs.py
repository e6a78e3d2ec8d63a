"""The programs that make up a running Gatehouse, the same on one machine and on many."""

import sys

from config.supervisor import Program

QUEUES = "execution,reconciliation,default"
_CELERY = (sys.executable, "-m", "celery", "-A", "config.celery")


def manage(*arguments: str) -> tuple[str, ...]:
    """Return the command line of a Django command."""
    return (sys.executable, "manage.py", *arguments)


def desk(port: int, beat_schedule: str) -> tuple[Program, ...]:
    """Return web, worker, beat, stream and watchdog; the site listens on this machine's `port`.

    Django's checks are the worker's and beat's: the same ones in every process would only keep the desk from starting.
    """
    web = (sys.executable, "-m", "uvicorn", "config.asgi:application", "--host", "127.0.0.1", "--port", str(port))
    quiet = ("--log-level", "warning", "--no-access-log", "--no-server-header", "--timeout-graceful-shutdown", "3")
    worker = ("worker", "-Q", QUEUES, "--concurrency", "2", "--without-gossip", "--without-mingle")
    return (
        Program("web", (*web, *quiet)),
        Program("worker", (*_CELERY, *worker)),
        Program("beat", (*_CELERY, "beat", "--schedule", beat_schedule, "--pidfile=")),
        Program("stream", manage("stream", "--skip-checks")),
        Program("watchdog", manage("watchdog", "--skip-checks")),
    )


def venue(port: int, *, accounts: str, state: str, sessions: int | None, pace: float, seed: int) -> Program:
    """Return the simulated venue, which waits for POST /venue/start.

    It goes in lock-step, a minute of the market in no less than `pace` seconds; `sessions` says after how many it ends.
    """
    arguments = [
        "venue",
        "--settings",
        "config.settings.venue",
        "--port",
        str(port),
        "--accounts-file",
        accounts,
        "--state",
        state,
        "--seed",
        str(seed),
        "--hold",
        # Virtual minutes pass faster than real ones; a limit per real minute would only measure that.
        "--rate-limit",
        "0",
    ]
    # In step with the desk whatever the machine is doing: a slow pass must not make prices stale.
    arguments += ["--lockstep", "--pace", str(pace)]
    arguments += [] if sessions is None else ["--sessions", str(sessions)]
    return Program("venue", manage(*arguments), ends_last=True)
