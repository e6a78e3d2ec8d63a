"""A direct halt without a broker: what it does before it calls one, and whom it calls."""

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.env.secret import Secret
from risk import halt_files
from trading.halting import direct

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
SECRET = "tests-only-0123456789-abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Keys:
    """Keys for a broker that does not answer, or, without an address, the end of the process that uses them."""

    number: str
    address: str = ""
    kind: str = "paper"
    key: Secret = Secret("PKTESTTESTTEST234567")  # noqa: RUF009 - a value
    secret: Secret = Secret("qWeRtZ9876543210uIoPaSdFgHjKlYxCvBnM0123")  # noqa: RUF009

    @property
    def base_url(self) -> str:
        if not self.address:
            raise SystemExit("killed")
        return self.address


def halt(folder: Path, *keys: Keys, account: str = "") -> int:
    desk = direct.Desk({each.number: each for each in keys}, SECRET, folder)
    arguments = ["--reason", "the database is away", *(["--account", account] if account else [])]
    return direct.main(arguments, desk, now=NOW, out=io.StringIO(), ask=io.StringIO())


class TestMain:
    def test_latches_before_it_calls_the_broker(self, tmp_path: Path) -> None:
        with pytest.raises(SystemExit, match="killed"):
            halt(tmp_path, Keys("PA1"))

        (found,) = halt_files.read(tmp_path, [SECRET])
        assert (found.sound, found.halt.level, found.halt.lines) == (True, "H2", ())

    def test_calls_for_one_account_that_account_alone(self, tmp_path: Path) -> None:
        code = halt(tmp_path, Keys("PA1", "http://127.0.0.1:1"), Keys("PA2"), account="PA1")

        (found,) = halt_files.read(tmp_path, [SECRET])
        assert (code, found.halt.account) == (1, "PA1")
        assert [line["account"] for line in found.halt.lines] == ["PA1"]
