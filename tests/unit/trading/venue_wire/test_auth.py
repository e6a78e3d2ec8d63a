"""Key pairs from headers and messages, and the accounts they open."""

import base64

import pytest

from trading.venue import auth

PAIR = auth.KeyPair("PKTEST", "hush")


def _basic(text: bytes) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(text).decode()}


class TestKeyRing:
    def test_opens_an_account_only_for_the_whole_pair(self) -> None:
        ring = auth.KeyRing()
        ring.admit(PAIR, "PA1")

        assert ring.account_of(PAIR) == "PA1"
        for wrong in (None, auth.KeyPair("PKTEST", "Hush"), auth.KeyPair("PKOTHER", "hush"), auth.KeyPair("x", "é")):
            assert ring.account_of(wrong) is None

    def test_forgets_the_old_secret_when_a_new_one_is_admitted(self) -> None:
        ring = auth.KeyRing()
        ring.admit(PAIR, "PA1")
        ring.admit(auth.KeyPair("PKTEST", "new"), "PA1")

        assert ring.account_of(PAIR) is None

    def test_opens_nothing_with_an_empty_secret_for_an_unknown_key(self) -> None:
        assert auth.KeyRing().account_of(auth.KeyPair("nobody", "")) is None


class TestKeyPair:
    def test_keeps_its_secret_out_of_its_repr(self) -> None:
        assert "hush" not in repr(PAIR)


class TestFromHeaders:
    def test_reads_both_forms(self) -> None:
        own = {"apca-api-key-id": "PKTEST", "apca-api-secret-key": "hush"}

        assert auth.from_headers(own) == auth.from_headers(_basic(b"PKTEST:hush")) == PAIR

    @pytest.mark.parametrize(
        "headers",
        [{}, {"apca-api-key-id": "PKTEST"}, {"authorization": "Bearer x"}, {"authorization": "Basic %"},
         _basic(b"PKTEST"), _basic(b"\xff:\xff")],
    )  # fmt: skip
    def test_finds_none_in_half_a_pair(self, headers: dict[str, str]) -> None:
        assert auth.from_headers(headers) is None


class TestFromMessage:
    @pytest.mark.parametrize(
        "message",
        [{}, {"action": "auth"}, {"action": "auth", "key": 1, "secret": 2}, {"action": "authenticate", "data": None},
         {"action": "listen", "key": "PKTEST", "secret": "hush"}],
    )  # fmt: skip
    def test_finds_none_in_anything_else(self, message: dict[str, object]) -> None:
        assert auth.from_message(message) is None
