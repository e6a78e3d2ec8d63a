"""No credential gets into a log line, whatever the name or the text it stands in."""

import pytest

from config import logs
from config.env.secret import MASK

KEY = "PKQ2W3E4R5T6Y7U8I9O0"


class TestScrub:
    @pytest.mark.parametrize("name", ["api_key", "APCA-API-SECRET-KEY", "Authorization", "db_password", "token"])
    def test_masks_values_under_telling_names(self, name: str) -> None:
        assert logs.scrub(None, "info", {"event": "sign-in", name: "hunter2"}) == {"event": "sign-in", name: MASK}

    @pytest.mark.parametrize(
        "text",
        [
            f"refused key {KEY}",
            "connecting to postgresql://gatehouse:hunter2@db/x",
            "redis://:hunter2@queue:6379/0 is away",
            "header Authorization: Bearer hunter2",
        ],
    )
    def test_masks_credentials_inside_a_text(self, text: str) -> None:
        line = logs.scrub(None, "info", {"event": text})["event"]

        assert KEY not in line
        assert "hunter2" not in line
        assert MASK in line

    def test_looks_into_nested_values(self) -> None:
        scrubbed = logs.scrubbed({"request": [{"headers": {"X-Token": "hunter2"}, "url": "https://u:hunter2@h"}]})

        assert "hunter2" not in repr(scrubbed)

    def test_leaves_ordinary_words_alone(self) -> None:
        event = {"event": "order filled", "symbol": "AAPL", "at": "2026-01-05T14:30:00Z", "quantity": 7}

        assert logs.scrub(None, "info", dict(event)) == event
