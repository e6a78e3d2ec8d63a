"""Several accounts from one file."""

import json
from pathlib import Path
from typing import Any

import pytest

from config import env
from tests.unit.config.test_env import SOUND

VENUE = {"VENUE_CONTROL_URL": "http://127.0.0.1:8899", "VENUE_CONTROL_TOKEN": "kQ8vN3xR6tB1mZ5cL9wJ2pH7sD4gF0yA"}
PAPER = {
    "key": "PKQ2W3E4R5T6Y7U8I9O0",
    "secret": "hT9sK2mQ7vX4bN8cZ1fJ6wL3pR5yD0gA",
    "kind": "paper",
    "base_url": "https://paper-api.alpaca.markets",
    "data_url": "https://data.alpaca.markets",
}


def source(path: Path, entries: Any, **more: str) -> dict[str, str]:
    """Write `entries` privately and return an environment that names the file."""
    path.write_text(entries if isinstance(entries, str) else json.dumps(entries))
    path.chmod(0o600)
    rest = {name: value for name, value in SOUND.items() if not name.startswith("ALPACA_")}
    return rest | {"ALPACA_ACCOUNTS_FILE": str(path)} | more


class TestAccountsFile:
    def test_gives_each_account_its_own_keys_and_addresses(self, tmp_path: Path) -> None:
        at_venue = {"base_url": "http://127.0.0.1:8899", "data_url": "http://127.0.0.1:8899"}
        live = PAPER | at_venue | {"key": "AKQ2W3E4R5T6Y7U8I9O0", "kind": "live"}
        entries = {"PA3AAAAAAAAA": PAPER | at_venue, "812345678": live}

        environment = env.load(source(tmp_path / "accounts", entries, LIVE_TRADING_ENABLED="true", **VENUE))

        assert set(environment.accounts) == {"PA3AAAAAAAAA", "812345678"}
        account = environment.accounts["812345678"]
        assert (account.number, account.kind, account.key.reveal()) == ("812345678", "live", "AKQ2W3E4R5T6Y7U8I9O0")
        assert account.stream_url == "ws://127.0.0.1:8899/stream"
        assert account.data_stream_url == "ws://127.0.0.1:8899"

    @pytest.mark.parametrize(
        ("entries", "words"),
        [
            ("not json", "is not JSON"),
            ([], "names no account"),
            ({"PA1": 7}, "not an object"),
            ({"PA1": {**PAPER, "cash": "1"}}, "missing or unknown fields: cash"),
            ({"PA1": {**PAPER, "kind": "demo"}}, "is of kind 'demo'"),
            ({"PA1": {**PAPER, "kind": "live"}}, "live without LIVE_TRADING_ENABLED"),
            ({"PA1": {**PAPER, "key": "AKQ2W3E4R5T6Y7U8I9O0"}}, "live key on the paper endpoint"),
            ({"PA1": {**PAPER, "base_url": "https://evil.example"}}, "not a host of Alpaca"),
            ({"PA1": {**PAPER, "key": "changeme-changeme"}}, "is a placeholder"),
            ({"PA1": {**PAPER, "secret": "short"}}, "shorter than 32"),
        ],
    )
    def test_refuses(self, tmp_path: Path, entries: Any, words: str) -> None:
        with pytest.raises(env.UnableToStart, match=words):
            env.load(source(tmp_path / "accounts", entries))

    def test_refuses_a_file_that_others_can_read(self, tmp_path: Path) -> None:
        variables = source(tmp_path / "accounts", {"PA1": PAPER})
        (tmp_path / "accounts").chmod(0o644)

        with pytest.raises(env.UnableToStart, match="chmod 600"):
            env.load(variables)

    def test_refuses_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        variables = source(tmp_path / "accounts", {"PA1": PAPER})
        (tmp_path / "accounts").unlink()

        with pytest.raises(env.UnableToStart, match="cannot be read"):
            env.load(variables)

    def test_refuses_keys_beside_the_file(self, tmp_path: Path) -> None:
        variables = source(tmp_path / "accounts", {"PA1": PAPER}, ALPACA_API_KEY=SOUND["ALPACA_API_KEY"])

        with pytest.raises(env.UnableToStart, match="Keep one of the two"):
            env.load(variables)
