"""Planning faults: over `/venue/faults`, by `manage.py venue --faults`, and again after a restart."""

import json
import re
import signal
from pathlib import Path
from typing import Any

import pytest
import requests
from django.core.management import CommandError, call_command

from tests.contract.venue import faulty
from tests.contract.venue.test_command import _started, bars  # noqa: F401 - a fixture
from tests.venue import RunningVenue, flat, running_venue

BUYING = {"faults": [{"name": "timeout_after_accept", "on": "submit", "rate": 0.5, "count": 2}], "seed": 9}


def _faults(venue: RunningVenue, method: str, body: Any = None, token: str | None = None) -> tuple[int, Any]:
    headers = venue.control_headers if token is None else {"X-Venue-Token": token}
    content = {"data": body} if isinstance(body, str) else {"json": body}
    answer = requests.request(method, f"{venue.url}/venue/faults", headers=headers, timeout=5, **content)
    return answer.status_code, answer.json()


def _books(venue: RunningVenue) -> tuple[Any, Any]:
    return faulty.asked(venue, "GET", "/v2/positions").json(), faulty.asked(venue, "GET", "/v2/account").json()


class TestTheControl:
    @pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
    def test_wants_the_venues_token(self, venue: RunningVenue, method: str) -> None:
        assert _faults(venue, method, BUYING, token="wrong")[0] == 401
        assert venue.call(lambda: venue.venue.plan.entries) == []

    def test_tells_what_is_planned_and_what_struck(self, venue: RunningVenue) -> None:
        _faults(venue, "POST", {"faults": [{"name": "keys_refused", "on": "account", "count": 2}]})
        for _ in range(3):
            faulty.asked(venue, "GET", "/v2/account")

        status, told = _faults(venue, "GET")

        assert (status, told["hits"], told["controls"]) == (200, {"keys_refused": 2}, {"F16": 2})
        assert told["faults"] == [
            {"name": "keys_refused", "on": ["account"], "count": 2, "settings": {}, "asked": 2, "hits": 2}
        ]

    def test_adds_to_what_is_planned_and_lifts_it_all_and_keeps_the_counts(self, venue: RunningVenue) -> None:
        _faults(venue, "POST", {"faults": [{"name": "keys_refused", "on": "account", "rate": 1}]})
        _faults(venue, "POST", BUYING)
        faulty.asked(venue, "GET", "/v2/account")

        _, told = _faults(venue, "DELETE")

        assert (told["faults"], told["hits"], told["seed"]) == ([], {"keys_refused": 1}, 9)
        assert faulty.asked(venue, "GET", "/v2/account").status_code == 200

    @pytest.mark.parametrize(
        ("body", "named"),
        [
            ("{", "no readable JSON"),
            ({"faults": [{"name": "keys_refused"}, {"name": "gremlins"}]}, 'fault 2: "gremlins" is not a known fault'),
        ],
    )
    def test_refuses_with_one_sentence_and_changes_nothing(self, venue: RunningVenue, body: Any, named: str) -> None:
        status, told = _faults(venue, "POST", body)

        assert (status, told["code"]) == (422, 40010001)
        assert named in told["message"]
        assert venue.call(lambda: venue.venue.plan.entries) == []


class TestTheCommand:
    def test_plans_the_faults_of_a_file_and_says_so(self, bars: Path, tmp_path: Path) -> None:  # noqa: F811
        file = tmp_path / "faults.toml"
        file.write_text('seed = 3\n[[faults]]\nname = "keys_refused"\non = "account"\n')

        with _started("--account", "PKTEST:secret", "--bars", str(bars), "--faults", str(file)) as (process, told):
            url = next(word for word in told.split() if word.startswith("http://"))
            statuses = [requests.get(f"{url}/v2/account", headers=faulty.KEYS, timeout=5).status_code for _ in range(2)]
            planned = requests.get(f"{url}/venue/faults", headers={"X-Venue-Token": "token"}, timeout=5).json()
            process.send_signal(signal.SIGTERM)
            process.wait(10)

        assert statuses == [401, 200]
        assert (planned["seed"], planned["hits"]) == (3, {"keys_refused": 1})

    @pytest.mark.parametrize(
        ("text", "named"),
        [
            ('{"faults": [{"name": "gremlins"}]}', 'fault 1: "gremlins" is not a known fault'),
            ('{"faults": [{"name": "keys_refused", "rate": 2}]}', "rate must be a number from 0 to 1"),
            (None, "cannot be read"),
        ],
    )
    def test_refuses_a_file_with_one_line_and_code_2(self, tmp_path: Path, text: str | None, named: str) -> None:
        file = tmp_path / "faults.json"
        if text is not None:
            file.write_text(text)

        with pytest.raises(CommandError) as refused:
            call_command("venue", "--account", "PKME:hush", "--port", "0", "--faults", str(file))

        told = str(refused.value)
        assert refused.value.returncode == 2
        assert named in told
        assert str(file) in told
        assert len(told.splitlines()) == 1


class TestAStateFile:
    def test_keeps_what_the_faults_did_to_orders_and_trades(self, tmp_path: Path) -> None:
        state = tmp_path / "venue.jsonl"
        with running_venue(flat(4, sessions=2), state=state) as venue, faulty.gateway(venue) as gateway:
            venue.step()
            faulty.bought(venue, gateway, 10)
            order = gateway.submit(faulty.new_order())
            names = ("trade_corrected", "account_blocked", "split_overnight")
            _faults(venue, "POST", {"faults": [*({"name": name} for name in names), {"name": "fill_before_cancel"}]})
            with pytest.raises(faulty.BrokerRejected):
                gateway.cancel(order.broker_order_id)
            for _ in range(4):
                venue.step()
            before = (
                faulty.asked(venue, "GET", "/v2/positions").json(),
                faulty.asked(venue, "GET", "/v2/account").json(),
            )

        with running_venue(flat(4, sessions=2), state=state) as venue:
            after = _books(venue)

        assert after == before
        assert re.search(r'"what":\s?"split"', state.read_text())
        assert json.loads(state.read_text().splitlines()[0])["venue_state"] == 1
