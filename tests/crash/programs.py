"""The programs of a desk by name, with the arguments that production gives them."""

from pathlib import Path

from tests.crash.family import Member

QUEUES = "execution,reconciliation,default"


LONG = {"seconds": 30}
LEASES = {"trading.leases.LEASE": LONG, "trading.streams.hearing.LEASE": LONG}
"""Leases as patches of a program: so long that whoever comes next must have been given them."""


def worker(name: str = "worker", **patches: object) -> Member:
    arguments = ["worker", "-Q", QUEUES, "--concurrency", "2", "--without-gossip", "--without-mingle"]
    return Member(name, "celery", [*arguments, "-n", f"{name}@crash"], patches=dict(patches))


def beat(folder: Path) -> Member:
    return Member("beat", "celery", ["beat", "--schedule", str(folder / "beat-schedule"), "--pidfile="])


def stream(name: str = "stream", **patches: object) -> Member:
    return Member(name, "stream", [], patches=dict(patches))


def watchdog() -> Member:
    return Member("watchdog", "watchdog", [])


def web(port: int) -> Member:
    quiet = ["--log-level", "warning", "--no-access-log", "--no-server-header", "--timeout-graceful-shutdown", "3"]
    return Member("web", "web", ["config.asgi:application", "--host", "127.0.0.1", "--port", str(port), *quiet])


def command(name: str, *arguments: str, **patches: object) -> Member:
    """A command of a person: it ends by itself."""
    return Member(name, name, list(arguments), lives_on=False, patches=dict(patches))
