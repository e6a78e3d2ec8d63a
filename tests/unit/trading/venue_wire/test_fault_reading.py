"""Fault files: what they may say, and the one sentence for what they may not."""

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.venue.faults import page, reading
from trading.venue.faults.plan import When
from trading.venue.faults.reading import BadFaults

TOML = """
seed = 7
[[faults]]
name = "timeout_after_accept"
on = ["submit", "cancel"]
symbol = "aapl"
account = ["PA1", "PA2"]
rate = 0.25
count = 3
after = 2
session = 1
minute = 30
minutes = 10
seconds = 1.5
"""


def _read(*faults: Any, **others: Any) -> reading.Wanted:
    return reading.from_bytes(json.dumps({"faults": list(faults), **others}).encode(), "f.json")


class TestFromBytes:
    def test_reads_every_key(self) -> None:
        wanted = reading.from_bytes(TOML.encode(), "f.toml", toml=True)

        (fault,) = wanted.faults
        assert wanted.seed == 7
        assert fault.when == When(Decimal("0.25"), 3, 2, 1, 30, 10)
        assert (fault.on, fault.symbols, fault.accounts) == ({"submit", "cancel"}, {"AAPL"}, {"PA1", "PA2"})
        assert fault.set("seconds") == timedelta(seconds=1.5)

    def test_spells_groups_out_and_leaves_defaults(self) -> None:
        (fault,) = _read({"name": "rate_limited", "on": "change"}).faults

        assert "submit" in fault.on
        assert "orders" not in fault.on
        assert fault.set("headers") is True

    @pytest.mark.parametrize(
        ("fault", "named"),
        [
            ({}, "fault 1 has no name"),
            ("redirect", "fault 1 has no name"),
            ({"name": "gremlins"}, '"gremlins" is not a known fault; known are account_blocked'),
            ({"name": "redirect", "loud": 1}, '"loud" is not a known key; known are account, after'),
            ({"name": "redirect", "seconds": 1}, '"seconds" is not a known key'),
            ({"name": "redirect", "rate": 1.1}, "rate must be a number from 0 to 1"),
            ({"name": "redirect", "rate": -0.1}, "rate must be a number from 0 to 1"),
            ({"name": "redirect", "rate": "often"}, "rate must be a number from 0 to 1"),
            ({"name": "redirect", "rate": True}, "rate must be a number from 0 to 1"),
            ({"name": "redirect", "rate": float("nan")}, "rate must be a number from 0 to 1"),
            ({"name": "redirect", "count": 0}, "count must be a whole number from 1"),
            ({"name": "redirect", "count": 1.5}, "count must be a whole number from 1"),
            ({"name": "redirect", "on": "fill"}, 'it does not strike on "fill"; on may be account'),
            ({"name": "timeout_after_accept", "on": "orders"}, 'it does not strike on "orders"'),
            ({"name": "redirect", "symbol": []}, "symbol must be a word or a list of words"),
            ({"name": "redirect", "account": [7]}, "account must be a word or a list of words"),
            ({"name": "dropped_stream", "code": 1006}, "code must be one of 1000, 1001, 1011"),
            ({"name": "rate_limited", "headers": "no"}, "headers must be true or false"),
            ({"name": "slow_bytes", "seconds": -1}, "seconds must be a number from 0 to 3600"),
        ],
    )
    def test_names_the_file_the_entry_and_the_remedy(self, fault: Any, named: str) -> None:
        with pytest.raises(BadFaults) as caught:
            _read(fault)

        assert "f.json, fault 1" in str(caught.value)
        assert named in str(caught.value)
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize(
        ("raw", "named"),
        [
            (b"", "no readable JSON"),
            (b"{", "no readable JSON"),
            (b"\xff", "no readable JSON"),
            (b"[" * 100_000, "no readable JSON"),
            (b"[]", "no list of faults"),
            (b"{}", "no list of faults"),
            (b'{"faults": {}}', "no list of faults"),
            (b'{"faults": [], "seeds": 3}', '"seeds" is not a known key; known are faults, seed'),
            (b'{"faults": [], "seed": "x"}', "seed must be a whole number"),
            (b'{"faults": []}' + b" " * 1_000_000, "more than 1000000 bytes"),
        ],
    )
    def test_names_what_no_entry_is_to_blame_for(self, raw: bytes, named: str) -> None:
        with pytest.raises(BadFaults) as caught:
            reading.from_bytes(raw, "f.json")

        assert named in str(caught.value)
        assert str(caught.value).startswith("f.json")

    @given(st.dictionaries(st.text(max_size=8), st.none() | st.booleans() | st.integers() | st.text(max_size=8)))
    def test_never_fails_in_another_way(self, fields: dict[str, Any]) -> None:
        told = ""
        try:
            _read({"name": "redirect", **fields})
        except BadFaults as problem:
            told = str(problem)

        assert told.isprintable()


class TestFromFile:
    def test_takes_the_form_from_the_name(self, tmp_path: Path) -> None:
        (tmp_path / "f.toml").write_text(TOML)
        (tmp_path / "f.json").write_text('{"faults": [{"name": "redirect"}]}')

        assert reading.from_file(tmp_path / "f.toml").seed == 7
        assert reading.from_file(tmp_path / "f.json").faults[0].name == "redirect"

    def test_names_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(BadFaults, match=r"nowhere\.json cannot be read: No such file"):
            reading.from_file(tmp_path / "nowhere.json")


class TestPage:
    def test_is_what_the_menu_says(self) -> None:
        written = Path(__file__).parents[4].joinpath("docs/venue-faults.md").read_text(encoding="utf-8")

        assert written == page.render(), "run: python -m trading.venue.faults.page > docs/venue-faults.md"

    def test_shows_a_file_that_can_be_read(self) -> None:
        example = page.render().split("```toml")[1].split("```")[0]

        assert [each.name for each in reading.from_bytes(example.encode(), "page", toml=True).faults] == [
            "timeout_after_accept"
        ]
