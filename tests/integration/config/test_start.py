"""Starting: an unsound environment, a taken port or a second start is refused in plain words."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import demo, launch
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
    def test_refuses_numbers_out_of_range(
        self, arguments: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(SystemExit, match="2"):
            demo.main(arguments)

        assert words in capsys.readouterr().err


class TestDatabaseThatIsAway:
    def test_is_named_in_one_line_by_every_command(self) -> None:
        ended = run(
            "manage.py",
            "halt",
            "--reason=x",
            ALPACA_API_KEY="PKQ2W3E4R5T6Y7U8I9O0",
            ALPACA_SECRET_KEY="hT9sK2mQ7vX4bN8cZ1fJ6wL3pR5yD0gA",
            DATABASE_URL="postgresql://gatehouse:Zq8mVt2Lw5@127.0.0.1:1/gatehouse",
            REDIS_URL="redis://:Pk3nWs9Xd7@127.0.0.1:1/0",
            DJANGO_SECRET_KEY="Jx4-Lq8_Vn2-Rt6_Mb0-Hd5_Ws9-Kc3_Py7-Gf1_Zu4-Ea8_Ti2-Bo6",
        )

        assert ended.returncode == 1
        assert ended.stderr.strip().startswith("The database does not answer: ")
        assert "Start it, or correct DATABASE_URL." in ended.stderr
        assert ended.stderr.strip().endswith("Stop trading without it: manage.py halt --direct.")
        assert "Zq8mVt2Lw5" not in ended.stderr
