"""Starting: an unsound environment, a taken port or a second start is refused in plain words."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import launch
from config.env.variables import TABLE

ROOT = Path(__file__).resolve().parents[3]


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python with only the variables given, besides what a shell has."""
    environment = {name: value for name, value in os.environ.items() if name not in TABLE}
    environment |= {"ENV_FILE": "", "DJANGO_SETTINGS_MODULE": "config.settings.production"} | variables
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


class TestUnsoundEnvironment:
    @pytest.mark.parametrize(
        "arguments",
        [("manage.py", "check"), ("-c", "import config.asgi"), ("-m", "config.run", "--port", "0")],
        ids=["manage.py", "asgi", "run"],
    )
    def test_is_told_as_a_list_without_a_traceback(self, arguments: tuple[str, ...]) -> None:
        ended = run(*arguments, TRADING_MODE="live", ALPACA_APIKEY="x")

        told = ended.stdout + ended.stderr
        assert ended.returncode in (1, 2)
        assert "Traceback" not in told
        assert "ALPACA_APIKEY: is not a variable of this program. Did you mean ALPACA_API_KEY?" in told
        assert "TRADING_MODE: is live without LIVE_TRADING_ENABLED." in told


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


class TestCheckPort:
    def test_names_the_port_and_the_remedy(self, taken_port: int) -> None:
        with pytest.raises(launch.UnableToLaunch, match=f"Port {taken_port} is in use; choose another: "):
            launch.check_port(taken_port, "demo")


class TestLock:
    def test_is_held_by_one_process(self, tmp_path: Path) -> None:
        held = launch.lock(tmp_path)

        with pytest.raises(launch.UnableToLaunch, match="runs already"):
            launch.lock(tmp_path)

        held.close()
        launch.lock(tmp_path).close()


class TestDemo:
    @pytest.mark.parametrize(
        ("arguments", "words"), [(("--sessions", "0"), "choose 1 or more"), (("--port", "70000"), "from 1 to 65535")]
    )
    def test_refuses_numbers_out_of_range(self, arguments: tuple[str, ...], words: str) -> None:
        ended = run("-m", "config.demo", *arguments)

        assert ended.returncode == 2
        assert words in ended.stderr
