"""What a vote covers: everything that says what would change, and where."""

from typing import Any

import pytest

from risk.models import ChangeRequest
from risk.signoff_terms import content_hash

ASKED: dict[str, Any] = {
    "kind": "limit.loosen",
    "target": "limit:positions@firm",
    "base_version": "2",
    "payload": {"old": "8", "new": "10"},
    "policy_version": "small-robot-3",
    "environment": "paper",
    "account": "PA1",
    "build": "b1",
}


class TestContentHash:
    def test_is_the_same_for_the_same_content(self) -> None:
        again = {**ASKED, "payload": {"new": "10", "old": "8"}}

        assert content_hash(ChangeRequest(**ASKED)) == content_hash(ChangeRequest(**again))

    @pytest.mark.parametrize("changed", [*({name: "other"} for name in ASKED), {"payload": {"old": "8", "new": "11"}}])
    def test_is_another_for_any_other_content(self, changed: dict[str, Any]) -> None:
        assert content_hash(ChangeRequest(**ASKED | changed)) != content_hash(ChangeRequest(**ASKED))
