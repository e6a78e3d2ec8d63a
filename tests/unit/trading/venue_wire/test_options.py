"""The venue's command line, as far as it is judged before anything is served."""

import json
import socket
from argparse import ArgumentParser
from pathlib import Path

import pytest

from trading.venue import options

BARS = "timestamp,open,high,low,close,volume\n2026-01-05T14:30:00Z,100,101,99,100,1000\n"


def _prepare(*arguments: str) -> options.Ready:
    parser = ArgumentParser()
    options.declare(parser)
    return options.prepare(vars(parser.parse_args(["--port", "0", *arguments])))


@pytest.fixture
def bars(tmp_path: Path) -> Path:
    file = tmp_path / "AAPL_1min.csv"
    file.write_text(BARS)
    return file


class TestPrepare:
    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (("--account", "PKME"), "An account is given as KEY:SECRET"),
            (("--account", "PKME:s:lots"), "starts with cash lots"),
            (("--account", "PKME:s:-1"), "starts with cash -1"),
            (("--account", "PKME:s:1:2:demo"), "it can be paper or live"),
            (("--account", "PK ME:s"), "needs a key and a secret"),
            ((), "needs at least one account"),
            (("--account", "A:s", "--account", "A:t"), "Two accounts have the key A"),
            (("--account", "A:s::7", "--account", "B:t::7"), "Two accounts have the number 7"),
            (("--accounts-file", "absent.json"), "absent.json cannot be read"),
            (("--account", "PKME:s", "--bars", "absent.csv"), "There is no file absent.csv"),
            (("--account", "PKME:s", "--speed", "0"), "--speed must be a number above zero"),
            (("--account", "PKME:s", "--sessions", "0"), "--sessions must be 1 or more"),
            (("--account", "PKME:s", "--rate-limit", "-1"), "--rate-limit must be 0 or more"),
            (("--account", "PKME:s", "--port", "70000"), "ports go from 0 to 65535"),
            (("--account", "PKME:s", "--host", "203.0.113.1"), "cannot listen on 203.0.113.1:0"),
        ],
    )
    def test_refuses_with_one_sentence(self, arguments: tuple[str, ...], sentence: str) -> None:
        with pytest.raises(options.CannotServe, match=sentence):
            _prepare(*arguments)

    def test_names_a_port_that_is_taken(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(options.CannotServe, match=f"127.0.0.1:{port} .*give another --port"):
                _prepare("--account", "PKME:s", "--port", str(port))

    def test_frees_the_port_when_the_bars_are_refused(self, bars: Path) -> None:
        bars.write_text(BARS + "2026-01-05T14:31:00Z,100,90,99,100,1000\n")
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]

        with pytest.raises(options.CannotServe, match="Line 3"):
            _prepare("--account", "PKME:s", "--bars", str(bars), "--port", str(port))
        with socket.create_server(("127.0.0.1", port)):
            pass

    @pytest.mark.parametrize(
        "content", ["{", "{}", '["PKME:s"]', '[{"key": "PKME"}]', '[{"key": "A", "secret": "s", "cash": []}]']
    )
    def test_refuses_an_accounts_file_of_another_shape(self, tmp_path: Path, content: str) -> None:
        file = tmp_path / "accounts.json"
        file.write_text(content)

        with pytest.raises(options.CannotServe, match=r"[Aa]ccount"):
            _prepare("--accounts-file", str(file))

    def test_tells_everything_but_secrets(self, bars: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(options.TOKEN, "token-of-mine")
        ready = _prepare(
            "--account", "PKME:hush:2500:PA77", "--account", "AKME:hush", "--bars", str(bars), "--lockstep"
        )
        ready.socket.close()

        assert "PA77 (paper, key PKME)" in ready.announcement
        assert "(live, key AKME)" in ready.announcement
        assert "Minute bars of AAPL from AAPL_1min.csv" in ready.announcement
        assert "hush" not in ready.announcement
        assert "token-of-mine" not in ready.announcement

    def test_draws_a_control_token_and_tells_it_where_none_is_set(
        self, bars: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv(options.TOKEN, raising=False)
        file = tmp_path / "accounts.json"
        file.write_text(json.dumps([{"key": "PKME", "secret": "hush"}]))
        ready = _prepare("--accounts-file", str(file), "--bars", str(bars))
        ready.socket.close()

        assert "control token" in ready.announcement
