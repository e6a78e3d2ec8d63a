"""`manage.py halt --direct` as a process of its own, with database and queue away, against a running venue."""

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError

from audit.models import AuditEvent
from config.env.accounts import BrokerAccount
from config.env.secret import Secret
from risk import gate, halt_files, halts, receipts, taking_up
from risk.models import Halt, HaltReceipt
from tests.integration.trading.busy_desk import market_going_on
from tests.orderpath import WALL
from tests.robot import NOW
from tests.venue import RunningVenue, account, flat, running_venue
from trading.broker.alpaca import AlpacaGateway
from trading.broker.gateway import NewOrder
from trading.choices import OrderType, Side, TimeInForce
from trading.halting import direct

ROOT = Path(__file__).resolve().parents[3]
NOBODY = "127.0.0.1:1"
KEY_ID = "PKTESTTESTTEST234567"
SECRET = "qWeRtZ9876543210uIoPaSdFgHjKlYxCvBnM0123"
KEY = "tests-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFG"

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Desk:
    """An account at a running venue; nothing of it is in the database."""

    venue: RunningVenue
    number: str
    gateway: AlpacaGateway
    keys: BrokerAccount


@contextmanager
def desk_with_orders() -> Iterator[Desk]:
    """Ten AAPL held under a sell that rests above, and a buy of MSFT that rests below the market."""
    opening = account(key=KEY_ID, secret=SECRET)
    with running_venue(flat(40), [opening]) as venue:
        keys = BrokerAccount(
            opening.number, "paper", Secret(KEY_ID), Secret(SECRET), venue.url, venue.url, venue.stream_url, ""
        )
        desk = Desk(venue, opening.number, AlpacaGateway(keys), keys)
        desk.venue.step()
        send(desk, "AAPL", "buy", "101")
        desk.venue.step()
        send(desk, "AAPL", "sell", "120")
        send(desk, "MSFT", "buy", "60")
        yield desk
        desk.gateway.close()


def send(desk: Desk, symbol: str, side: str, price: str) -> None:
    desk.gateway.submit(
        NewOrder(
            client_order_id=str(uuid.uuid4()), symbol=symbol, side=Side(side), quantity=Decimal(10),
            type=OrderType.LIMIT, time_in_force=TimeInForce.GTC, limit_price=Decimal(price),
        )
    )  # fmt: skip


def resting(desk: Desk) -> set[tuple[str, str]]:
    return {(report.symbol, str(report.side)) for report in desk.gateway.open_orders()}


def environment(desk: Desk, folder: Path) -> dict[str, str]:
    url = desk.venue.url
    keys = folder.with_suffix(".keys")
    account = {"key": KEY_ID, "secret": SECRET, "kind": "paper", "base_url": url, "data_url": url}
    keys.write_text(json.dumps({desk.number: account}))
    keys.chmod(0o600)
    return {
        "ENV_FILE": "",
        "DATABASE_URL": f"postgresql://program:nothing-listens-here@{NOBODY}/gatehouse",
        "REDIS_URL": f"redis://:nothing-listens-here@{NOBODY}/0",
        "DJANGO_SECRET_KEY": KEY,
        "ALPACA_ACCOUNTS_FILE": str(keys),
        "VENUE_CONTROL_URL": url,
        "VENUE_CONTROL_TOKEN": "never-asked-for-0123456789-abcdefghijklm",
        "HALT_DIRECTORY": str(folder),
    }


def halt(desk: Desk, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "halt", "--direct", "--reason", "the database is away", *arguments],
        cwd=ROOT, env=environment(desk, folder), capture_output=True, text=True, timeout=60, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


class TestDirectHalt:
    def test_cancels_entries_keeps_protection_and_leaves_a_signed_file(self, tmp_path: Path) -> None:
        with desk_with_orders() as desk:
            ended = halt(desk, tmp_path)

            assert ended.returncode == 0, ended.stderr + ended.stdout
            assert resting(desk) == {("AAPL", "sell")}
            (found,) = halt_files.read(tmp_path, [KEY])
            assert (found.sound, found.halt.level, found.halt.reason) == (True, "H2", "the database is away")
            assert [line["confirmed"] for line in found.halt.lines] == [True]
            assert "MSFT buy 10: no longer open" in ended.stdout

    def test_closes_everything_at_h3_and_locks_the_account(self, tmp_path: Path) -> None:
        with desk_with_orders() as desk, market_going_on(desk):
            ended = halt(desk, tmp_path, "--level", "H3", "--yes", "--json", "--suspend")

            told = json.loads(ended.stdout)
            assert (ended.returncode, told["complete"]) == (0, True), ended.stdout
            assert {line["action"] for line in told["lines"]} == {"cancel", "close", "suspend"}
            assert (desk.gateway.open_orders(), desk.gateway.positions()) == ((), ())
            assert desk.gateway.account().trade_suspended_by_user

    def test_touches_nothing_where_the_keys_open_another_account(self) -> None:
        with desk_with_orders() as desk:
            (line,) = direct.stop(replace(desk.keys, number="PA9999999"), "H3")

            assert (line.confirmed, line.detail) == (False, f"the keys open account {desk.number}; nothing was done")
            assert resting(desk) == {("AAPL", "sell"), ("MSFT", "buy")}

    def test_ends_with_1_and_still_leaves_its_file_when_the_broker_is_away(self, tmp_path: Path) -> None:
        with desk_with_orders() as desk:
            desk.venue.stop()

            ended = halt(desk, tmp_path)

            assert ended.returncode == 1
            assert "Not complete: look at the broker, then halt again." in ended.stdout
            assert len(halt_files.read(tmp_path, [KEY])) == 1

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [(("--account", "PA9"), "There are no keys for account PA9; known are: PA0000001"), (("--reason", " "), "Say")],
    )
    def test_refuses_bad_input_and_halts_nothing(
        self, tmp_path: Path, arguments: tuple[str, ...], sentence: str
    ) -> None:
        with desk_with_orders() as desk:
            ended = halt(desk, tmp_path, *arguments)

            assert ended.returncode == 2
            assert sentence in ended.stderr
            assert (resting(desk), list(tmp_path.iterdir())) == ({("AAPL", "sell"), ("MSFT", "buy")}, [])

    def test_never_shows_a_key(self, tmp_path: Path) -> None:
        with desk_with_orders() as desk:
            ended = halt(desk, tmp_path)

            written = "".join(path.read_text() for path in tmp_path.iterdir())
            assert KEY_ID not in ended.stdout + ended.stderr + written
            assert KEY not in ended.stdout + ended.stderr + written

    def test_is_the_same_from_within_django(self, tmp_path: Path, settings: Any) -> None:
        settings.HALT_DIRECTORY = tmp_path
        with desk_with_orders() as desk:
            settings.BROKER_ACCOUNTS = {desk.number: desk.keys}
            with pytest.raises(SystemExit) as ended:
                call_command("halt", "--direct", "--reason", "x", "--level", "H2")

            assert ended.value.code == 0
            assert resting(desk) == {("AAPL", "sell")}
            assert not Halt.objects.exists()


class TestHaltFile:
    @pytest.fixture
    def folder(self, tmp_path: Path, settings: Any) -> Path:
        settings.HALT_DIRECTORY = tmp_path
        return tmp_path

    def leave(self, folder: Path, settings: Any, at: datetime = WALL, **changes: Any) -> Path:
        told = halt_files.DirectHalt(
            "H2", "PA1", "the database is away", "halt --direct", at,
            ({"account": "PA1", "subject": "o-1", "action": "cancel", "confirmed": True, "detail": "gone"},),
        )  # fmt: skip
        return halt_files.write(folder, settings.SECRET_KEY, replace(told, **changes))

    def test_stops_every_process_before_it_is_recorded(self, folder: Path, settings: Any) -> None:
        self.leave(folder, settings)

        assert gate.permits_now(account="PA1", strategy="", symbol="", purpose="entry").startswith("Halted (H2, acc")
        assert gate.permits_now(account="PA2", strategy="", symbol="", purpose="entry") == ""

    def test_that_cannot_be_looked_for_lets_nothing_go(self, folder: Path, settings: Any) -> None:
        settings.HALT_DIRECTORY = folder / "file"
        settings.HALT_DIRECTORY.touch()

        assert "cannot be read" in gate.permits_now(account="PA1", strategy="", symbol="", purpose="entry")

    def test_becomes_a_halt_with_its_receipt_and_is_removed(self, folder: Path, settings: Any) -> None:
        self.leave(folder, settings)

        (halt,) = taking_up.take_up(now=NOW)

        assert (halt.level, halt.scope, halt.engaged_at) == ("H2", "account PA1", WALL)
        assert HaltReceipt.objects.get(halt=halt).subject == "o-1"
        assert list(folder.iterdir()) == []
        assert halts.state(account="PA1").refusal("entry")
        assert taking_up.take_up(now=NOW) == []

    def test_stays_while_its_halt_cannot_be_recorded(
        self, folder: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        left = self.leave(folder, settings)

        def away(*_: object, **__: object) -> None:
            raise OperationalError("the connection was closed")

        monkeypatch.setattr(receipts, "keep", away)

        assert taking_up.take_up(now=NOW) == []
        assert (left.exists(), Halt.objects.exists()) == (True, False)

    def test_with_a_wrong_signature_is_a_halt_and_says_so(self, folder: Path, settings: Any) -> None:
        halt_files.write(folder, "another key", halt_files.DirectHalt("H1", "PA1", "x", "y", WALL))

        (halt,) = taking_up.take_up(now=NOW)

        assert (halt.level, halt.scope) == ("H2", "firm")
        assert "its signature is wrong" in halt.reason
        event = AuditEvent.objects.get(event="halt.taken_up")
        assert (event.severity, event.data["sound"]) == ("critical", False)
