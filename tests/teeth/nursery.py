"""A process that has imported what is not ours, and forks a child for each run of tests: they begin sooner.

Read one JSON line, answer one: `{"folder", "environment", "arguments", "output", "seconds"}`, `{"code"}`.
"""

import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

AHEAD = (
    "pytest", "_pytest.assertion.rewrite", "_pytest.junitxml", "hypothesis", "psycopg", "django.db.models",
    "django.contrib.postgres.fields", "django.contrib.auth.hashers", "django.template.backends.django",
    "django.test.client", "celery.app", "kombu", "redis", "structlog", "rfc8785", "pgtrigger", "alpaca.trading.client",
    "alpaca.data.historical", "alpaca.trading.stream", "pandas", "numpy", "exchange_calendars", "websockets",
    "cryptography.fernet", "fido2.webauthn", "apprise", "uvicorn", "starlette", "httpx", "aiohttp",
)  # fmt: skip
"""Nothing of the program itself: each child must find the bug where the import would find the program."""

LOOKS = 0.02
"""Seconds between two looks whether a child has ended."""


class Nursery:
    """The process for one folder. Not for use by two threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # Sets of words in one order, whenever a bug is tried.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.teeth.nursery"],
            cwd=folder,
            env={**os.environ, "PYTHONHASHSEED": "0"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(
        self, arguments: Sequence[str], environment: Mapping[str, str], output: Path, *, seconds: float
    ) -> int | None:
        """Run pytest in a child, its words in the file `output`; its exit code, None where it took longer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {
            "folder": str(self._folder),
            "environment": dict(environment),
            "arguments": list(arguments),
            "output": str(output),
            "seconds": seconds,
        }
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("the process that runs the tests has ended")
        code: int | None = json.loads(answer)["code"]
        return code

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def main() -> None:
    """Serve until standard input ends."""
    for name in AHEAD:
        # What is not installed, or wants settings first, is simply imported later by who needs it.
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    for line in sys.stdin:
        sys.stdout.write(json.dumps({"code": _run(json.loads(line))}) + "\n")
        sys.stdout.flush()


def _run(order: dict[str, Any]) -> int | None:
    child = os.fork()
    if not child:
        _be_the_tests(order)
    deadline = time.monotonic() + order["seconds"]
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(LOOKS)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _be_the_tests(order: dict[str, Any]) -> None:
    code = 3
    try:
        os.setsid()
        output = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for place, file in enumerate((nothing, output, output)):
            os.dup2(file, place)
        os.chdir(order["folder"])
        os.environ.clear()
        os.environ.update(order["environment"])
        tempfile.tempdir = None  # what was imported may have asked for it already
        import pytest

        code = int(pytest.main(order["arguments"]))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # Without the parent's own endings.
        os._exit(code)


if __name__ == "__main__":
    sys.path[0] = str(Path.cwd())
    main()
