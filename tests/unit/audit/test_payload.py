from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from audit import payload
from config.env.secret import Secret


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class Figures:
    price: Decimal
    at: datetime


_PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=True, allow_infinity=True)
    | st.floats()
    | st.text()
    | st.datetimes(timezones=st.just(UTC))
    | st.dates()
    | st.uuids(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcdefg", max_size=5), inner, max_size=4),
    max_leaves=12,
)


class TestPlain:
    @pytest.mark.parametrize(
        ("value", "kept"),
        [
            (Decimal("190.10"), "190.10"),
            (Decimal("1E+3"), "1000"),
            (Decimal("NaN"), "NaN"),
            (datetime(2026, 1, 2, 3, 4, tzinfo=timezone(timedelta(hours=-5))), "2026-01-02T08:04:00+00:00"),
            (date(2026, 1, 2), "2026-01-02"),
            (timedelta(milliseconds=1500), "1.5"),
            (UUID(int=7), "00000000-0000-0000-0000-000000000007"),
            (Colour.RED, "red"),
            (0.5, "0.5"),
            (2**60, str(2**60)),
            (True, True),
            (("a", 1), ["a", 1]),
            ({"b", "a"}, ["a", "b"]),
            ("nul\x00 and half \ud800", "nul\ufffd and half \ufffd"),
            (
                Figures(Decimal("1.5"), datetime(2026, 1, 2, tzinfo=UTC)),
                {"price": "1.5", "at": "2026-01-02T00:00:00+00:00"},
            ),
        ],
    )
    def test_keeps_the_value_as_json_can_hold_it(self, value: Any, kept: Any) -> None:
        assert payload.plain({"value": value}) == {"value": kept}

    @given(st.dictionaries(st.text("abcdefg", max_size=5), _PLAIN, max_size=4))
    def test_gives_what_canonical_json_can_write(self, data: dict[str, Any]) -> None:
        written = rfc8785.dumps(payload.plain(data))

        assert written.decode()

    @pytest.mark.parametrize(
        "key",
        [
            *("password", "api_key", "apiKey", "ALPACA_SECRET_KEY", "Authorization", "session_key", "access_token"),
            *("token", "privateKey", "brokerSecret"),
        ],
    )
    def test_refuses_a_key_that_names_a_secret(self, key: str) -> None:
        with pytest.raises(payload.Unrecordable, match=rf"data\.order\.{key} looks like a secret"):
            payload.plain({"order": {key: "hunter2-hunter2"}})

    @pytest.mark.parametrize("key", ["fencing_token", "tokens_left", "secretary", "passes", "cookies_policy_read"])
    def test_keeps_a_key_that_only_resembles_one(self, key: str) -> None:
        assert payload.plain({key: 3}) == {key: 3}

    def test_refuses_a_wrapped_secret_without_showing_it(self) -> None:
        with pytest.raises(payload.Unrecordable, match=r"data\.figures is a Secret") as refusal:
            payload.plain({"figures": Secret("hunter2-hunter2")})

        assert "hunter2" not in str(refusal.value)

    def test_refuses_a_time_without_a_zone(self) -> None:
        with pytest.raises(payload.Unrecordable, match="without a zone"):
            payload.plain({"at": datetime(2026, 1, 2)})  # noqa: DTZ001

    def test_refuses_what_is_no_plain_value(self) -> None:
        with pytest.raises(payload.Unrecordable, match=r"data\.row is a object"):
            payload.plain({"row": object()})


class TestText:
    def test_masks_credentials_inside_it(self) -> None:
        said = payload.text("smtp://bob:hunter2@mail.test refused PKTESTTESTTEST234567 with Bearer abc.def")

        assert said == "smtp://***@mail.test refused *** with Bearer ***"
