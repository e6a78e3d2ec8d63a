"""Ending from outside: the first polite signal is followed, and further ones do not disturb the tidying up."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[3]
LAUNCHED = """
import sys, time
from config import launch, processes

launch.take_signals()
running = processes.start(
    [sys.executable, "-c", "import time; time.sleep(600)"], cwd=launch.ROOT, env={}, log=sys.stdout.fileno()
)
try:
    launch.say(str(running.pid))
    time.sleep(600)
except KeyboardInterrupt:
    launch.say("Ending.")
finally:
    sys.stdin.readline()
    processes.stop(running)
    launch.say("Ended.")
"""


@pytest.fixture
def launched() -> Iterator[subprocess.Popen[str]]:
    """A launch that, told to end, takes until a line comes."""
    environment = {name: value for name, value in os.environ.items() if name != "MAKELEVEL"}
    process = subprocess.Popen(
        [sys.executable, "-c", LAUNCHED],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


class TestTakeSignals:
    @pytest.mark.parametrize("first", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda sign: sign.name)
    def test_hears_the_first_alone(self, launched: subprocess.Popen[str], first: signal.Signals) -> None:
        assert launched.stdout
        child = psutil.Process(int(launched.stdout.readline()))

        launched.send_signal(first)
        assert launched.stdout.readline() == "Ending.\n"
        for again in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            launched.send_signal(again)
        said, _ = launched.communicate("go on\n", timeout=20)

        assert said == "Ended.\n"
        assert launched.returncode == 0
        assert not child.is_running()
