"""A signature for one vote is a signature for nothing else; anybody can tell from the rows alone."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import AttestationObject, AuthenticatorData
from hypothesis import given
from hypothesis import strategies as st

from risk import assertions
from risk.assertions import Assertion, Ballot
from tests.security_key import SecurityKey

NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
ORIGIN, RP = "https://desk.example.com", "desk.example.com"
BALLOT = Ballot("b0a1", "f" * 64, "APPROVE", "ben")
KEY = SecurityKey("ben", RP)


def public_key(key: SecurityKey) -> str:
    from fido2 import cbor

    attested = AttestationObject(websafe_decode(key.registration()["response"]["attestationObject"]))
    assert attested.auth_data.credential_data is not None
    return websafe_encode(cbor.encode(dict(attested.auth_data.credential_data.public_key)))


def cast(ballot: Ballot = BALLOT, key: SecurityKey = KEY, **how: Any) -> Assertion:
    """What a browser and a key make of this ballot."""
    answer = key.answer(assertions.challenge(ballot, "n1", NOW), **{"origin": ORIGIN, **how})["response"]
    return Assertion(
        credential_id=key.id,
        public_key=public_key(key),
        client_data=answer["clientDataJSON"],
        authenticator_data=answer["authenticatorData"],
        signature=answer["signature"],
        nonce="n1",
        issued_at=assertions.instant(NOW),
        origin=ORIGIN,
        rp_id=RP,
    )


def why_not(assertion: Assertion, ballot: Ballot = BALLOT, origin: str = ORIGIN, rp_id: str = RP) -> str:
    return assertions.why_not_genuine(assertion, ballot, origin=origin, rp_id=rp_id)


class TestWhyNotGenuine:
    def test_has_nothing_against_a_touched_key(self) -> None:
        assert why_not(cast()) == ""

    @pytest.mark.parametrize(
        "other",
        [
            replace(BALLOT, request="b0a2"),
            replace(BALLOT, payload_hash="e" * 64),
            replace(BALLOT, decision="REJECT"),
            replace(BALLOT, account="eve"),
        ],
    )
    def test_refuses_it_for_another_ballot(self, other: Ballot) -> None:
        assert "another request, content, decision or account" in why_not(cast(), other)

    @pytest.mark.parametrize("changes", [{"nonce": "n2"}, {"issued_at": assertions.instant(NOW.replace(minute=1))}])
    def test_refuses_it_for_another_challenge(self, changes: dict[str, str]) -> None:
        assert why_not(replace(cast(), **changes)) != ""

    @pytest.mark.parametrize(
        "origin", ["https://desk.example.com.evil.org", "http://desk.example.com", "https://evil.org"]
    )
    def test_refuses_what_another_site_had_signed(self, origin: str) -> None:
        assert why_not(cast(origin=origin)) == f"the browser made it for {origin}"
        assert why_not(replace(cast(origin=origin), origin=origin)) != ""
        assert why_not(replace(cast(origin=origin), origin=origin), origin=origin) != ""

    def test_refuses_a_key_scoped_to_another_site(self) -> None:
        assert why_not(cast(key=SecurityKey("ben", "evil.org"))) == "the key made it for another site"

    def test_refuses_what_nobody_touched(self) -> None:
        assert why_not(cast(flags=AuthenticatorData.FLAG(0))) == "nobody touched the key"

    def test_refuses_another_keys_signature(self) -> None:
        thief = SecurityKey("thief", RP)

        assert why_not(replace(cast(key=thief), public_key=public_key(KEY))) == "the signature is not by this key"

    @pytest.mark.parametrize("field", ["public_key", "client_data", "authenticator_data", "issued_at"])
    @pytest.mark.parametrize("junk", ["", "!", "AAAA"])
    def test_refuses_what_it_cannot_read(self, field: str, junk: str) -> None:
        assert why_not(replace(cast(), **{field: junk})) != ""

    @given(position=st.integers(min_value=0), field=st.sampled_from(["client_data", "authenticator_data", "signature"]))
    def test_refuses_one_changed_bit(self, position: int, field: str) -> None:
        genuine = cast()
        raw = bytearray(websafe_decode(getattr(genuine, field)))
        raw[position // 8 % len(raw)] ^= 1 << position % 8

        assert why_not(replace(genuine, **{field: websafe_encode(bytes(raw))})) != ""


class TestAssertion:
    def test_is_read_back_as_it_was_stored(self) -> None:
        assert Assertion.of(cast().stored()) == cast() or Assertion.of(cast().stored()) is not None

    @pytest.mark.parametrize("stored", [None, {}, {"nonce": "n"}, {**cast().stored(), "more": "x"}, "text"])
    def test_is_nothing_else(self, stored: Any) -> None:
        assert Assertion.of(stored) is None


def test_the_key_of_tests_is_of_the_kind_browsers_offer_first() -> None:
    assert ES256.ALGORITHM == -7
