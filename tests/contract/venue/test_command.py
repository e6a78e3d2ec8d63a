"""`manage.py venue` as people start it: a process of its own, without the house's settings, database or queue."""

import contextlib
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from alpaca.trading.client import TradingClient

ROOT = Path(__file__).parents[3]
BARS = "timestamp,open,high,low,close,volume\n2026-01-05T14:30:00Z,100,101,99,100,1000\n"
PATIENCE = 60


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "manage.py", "venue", *arguments]


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "PYTHONUNBUFFERED": "1", "VENUE_CONTROL_TOKEN": "token"}


def _refusal(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        _command(*arguments), cwd=ROOT, env=_environment(), capture_output=True, text=True, timeout=PATIENCE
    )
    return done.returncode, done.stderr


@pytest.fixture
def bars(tmp_path: Path) -> Path:
    file = tmp_path / "AAPL_1min.csv"
    file.write_text(BARS)
    return file


@contextlib.contextmanager
def _started(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    with subprocess.Popen(
        _command("--port", "0", *arguments), cwd=ROOT, env=_environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process, _announcement(process)
        finally:
            process.kill()


def _announcement(process: subprocess.Popen[str]) -> str:
    lines: queue.Queue[str] = queue.Queue()
    stdout = process.stdout
    assert stdout is not None
    threading.Thread(target=_collect, args=(stdout, lines), daemon=True).start()
    told = ""
    while "  account " not in told:
        told += lines.get(timeout=PATIENCE)
    return told


def _collect(source: IO[str], lines: queue.Queue[str]) -> None:
    for line in source:
        lines.put(line)


class TestCommand:
    def test_tells_its_urls_trades_and_ends_within_two_seconds(self, bars: Path) -> None:
        with _started("--account", "PKME:hush:2500:PA77", "--bars", str(bars), "--lockstep") as (process, told):
            url = next(word for word in told.split() if word.startswith("http://"))
            number = TradingClient("PKME", "hush", url_override=url).get_account().account_number  # type: ignore[union-attr]
            begun = time.monotonic()
            process.send_signal(signal.SIGTERM)
            code = process.wait(10)
            took = time.monotonic() - begun

        assert (number, code) == ("PA77", 0)
        assert took < 2
        assert "AAPL" in told
        assert "hush" not in told

    def test_takes_accounts_from_a_file(self, bars: Path, tmp_path: Path) -> None:
        accounts = tmp_path / "accounts.json"
        accounts.write_text(json.dumps([{"key": "AKME", "secret": "hush", "cash": "5", "number": "99"}]))

        with _started("--accounts-file", str(accounts), "--bars", str(bars)) as (_, told):
            assert "99 (live, key AKME)" in told

    def test_refuses_with_one_sentence_and_code_2(self, bars: Path) -> None:
        bars.write_text(BARS + "2026-01-05T14:31:00Z,100,90,99,100,1000\n")

        code, told = _refusal("--account", "PKME:hush", "--port", "0", "--bars", str(bars))

        assert code == 2
        assert "Line 3" in told
        assert "hush" not in told
        assert "Traceback" not in told

    def test_names_a_port_that_is_taken(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            code, told = _refusal("--account", "PKME:hush", "--port", port)

        assert code == 2
        assert f"127.0.0.1:{port}" in told
        assert "--port" in told

    def test_survives_a_kill_with_nothing_lost_that_was_told(self, bars: Path, tmp_path: Path) -> None:
        state = str(tmp_path / "venue.jsonl")
        arguments = ("--account", "PKME:hush", "--bars", str(bars), "--lockstep", "--state", state)
        with _started(*arguments) as (process, told):
            url = next(word for word in told.split() if word.startswith("http://"))
            client = TradingClient("PKME", "hush", url_override=url)
            settings = client.patch("/account/configurations", {"no_shorting": True})
            process.kill()
            process.wait(10)
        with _started(*arguments) as (_, told):
            url = next(word for word in told.split() if word.startswith("http://"))
            kept = TradingClient("PKME", "hush", url_override=url).get("/account/configurations")

        assert kept == settings
        assert dict(kept)["no_shorting"] is True
