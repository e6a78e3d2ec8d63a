"""Votes written with the program's own database role: the database refuses them, and the executor those it cannot."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command

from risk import ballots, limits, signoff
from risk.models import ChangeRequest, Factor, Person, Vote
from tests import security_key
from tests.integration.risk.desks import NOW, PLACE, Ask, Desk
from tests.integration.risk.raw import refused, run

pytestmark = pytest.mark.django_db

_VOTE = (
    "INSERT INTO risk_vote (request_id, requested_by_id, decided_by_id, decided_account, decision, payload_hash,"
    " reason, decided_at, auth_method, auth_at, factor_id, presented, signature)"
    " VALUES (%s, %s, %s, %s, %s, %s, 'r', %s, %s, %s, %s, %s, %s)"
)


def ballot(request: ChangeRequest, by: str, **changes: Any) -> list[Any]:
    """A vote with everything in its place; the signature is the one thing a thief of the role cannot make."""
    factor = Factor.objects.filter(account__user__username=by.lower()).get()
    terms: dict[str, Any] = {
        "requested_by": request.requested_by_id,
        "voter": Person.objects.get(name=by).pk,
        "decision": "APPROVE",
        "hash": request.payload_hash,
        "at": NOW,
        "method": factor.kind,
        "asked_at": NOW,
        "factor": factor.pk,
        "presented": f"webauthn:{uuid.uuid4()}",
        "signature": "{}",
    }
    terms |= changes
    return [
        request.pk, terms["requested_by"], terms["voter"], by.lower(), terms["decision"], terms["hash"], terms["at"],
        terms["method"], terms["asked_at"], terms["factor"], terms["presented"], terms["signature"],
    ]  # fmt: skip


def factor_of(name: str) -> int:
    return Factor.objects.get(account__user__username=name).pk


class TestVote:
    def test_by_the_requester_is_refused(self, ask: Ask) -> None:
        refused(_VOTE, ballot(ask(), "Ann"), match="vote_by_another_person")

    def test_by_the_requester_is_refused_with_another_requester_named(self, ask: Ask) -> None:
        lie = Person.objects.get(name="Eve").pk

        refused(_VOTE, ballot(ask(), "Ann", requested_by=lie), match="vote_requester_is_the_requests")

    @pytest.mark.parametrize("changes", [{"hash": "0" * 64}, {"at": NOW + timedelta(days=2)}])
    def test_for_other_content_or_too_late_is_refused(self, ask: Ask, changes: dict[str, Any]) -> None:
        refused(_VOTE, ballot(ask(), "Ben", **changes), match="does not fit")

    def test_is_cast_once(self, approved: ChangeRequest) -> None:
        refused(_VOTE, ballot(approved, "Ben", decision="REJECT"), match="vote_once_per_person")

    @pytest.mark.parametrize(
        "changes",
        [
            {"method": "session"},
            {"method": "totp"},
            {"factor": None},
            {"presented": None},
            {"asked_at": None},
            {"asked_at": NOW - timedelta(minutes=5, seconds=1)},
            {"asked_at": NOW + timedelta(seconds=1)},
        ],
    )
    def test_without_a_fresh_factor_is_refused(self, ask: Ask, changes: dict[str, Any]) -> None:
        refused(_VOTE, ballot(ask(), "Ben", **changes), match="no fresh second factor")

    def test_with_another_persons_factor_is_refused(self, ask: Ask) -> None:
        refused(_VOTE, ballot(ask(), "Ben", factor=factor_of("eve")), match="no fresh second factor")

    def test_by_somebody_who_does_not_approve_is_refused(self, ask: Ask) -> None:
        request = ask()
        run("UPDATE risk_person SET approves_from = NULL WHERE name = 'Ben'")

        refused(_VOTE, ballot(request, "Ben"), match="no fresh second factor")

    def test_presents_what_nobody_presented_before(self, ask: Ask, approved: ChangeRequest) -> None:
        other = ask(name="entries_day", value="6")
        used = Vote.objects.get().presented

        refused(_VOTE, ballot(other, "Ben", presented=used), match="presented")

    @pytest.mark.parametrize(
        "sql", ["UPDATE risk_vote SET decision = 'REJECT'", "DELETE FROM risk_vote", "TRUNCATE risk_vote"]
    )
    def test_is_never_changed(self, approved: ChangeRequest, sql: str) -> None:
        refused(sql, match="permission denied")
        assert Vote.objects.get().decision == "APPROVE"


class TestForgedVote:
    @pytest.fixture
    def forged(self, ask: Ask) -> ChangeRequest:
        """Everything the database can check is right; nobody touched a key."""
        request = ask()
        run(_VOTE, ballot(request, "Ben", signature=json.dumps(self.signature(request))))
        run("UPDATE risk_changerequest SET status = 'APPROVED' WHERE id = %s", [request.pk])
        return request

    def signature(self, request: ChangeRequest) -> dict[str, str]:
        from risk import assertions

        factor = Factor.objects.get(account__user__username="ben")
        thief = security_key.SecurityKey("thief").answer(b"whatever")["response"]
        return {
            "credential_id": factor.credential_id,
            "public_key": factor.public_key,
            "client_data": thief["clientDataJSON"],
            "authenticator_data": thief["authenticatorData"],
            "signature": thief["signature"],
            "nonce": "n",
            "issued_at": assertions.instant(NOW),
            "origin": "http://localhost:8000",
            "rp_id": "localhost",
        }

    def test_executes_nothing(self, forged: ChangeRequest) -> None:
        with pytest.raises(signoff.NotAllowed, match="not genuine"):
            limits.loosen(forged, by="ann", now=NOW, place=PLACE)

    def test_is_named_by_the_verifier(self, forged: ChangeRequest, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as ended:
            call_command("verify_votes", "--json")

        report = json.loads(capsys.readouterr().out)
        assert ended.value.code == 1
        assert [each["number"] for each in report["findings"]] == [Vote.objects.get().pk]


class TestVerifyVotes:
    def test_finds_nothing_wrong_with_genuine_votes(
        self, approved: ChangeRequest, capsys: pytest.CaptureFixture[str]
    ) -> None:
        limits.loosen(approved, by="ann", now=NOW, place=PLACE)

        call_command("verify_votes")

        said = capsys.readouterr().out
        assert said == (
            "1 votes (1 by security key, 0 by code of an app, weaker) and 1 executions were verified. All hold.\n"
        )

    def test_still_knows_a_key_that_was_taken_away(self, approved: ChangeRequest, desk: Desk) -> None:
        from allauth.mfa.models import Authenticator

        from risk import factors

        Authenticator.objects.filter(user=desk.ben).delete()
        factors.bring_in_line(desk.ben, by="ben", now=NOW)

        assert ballots.verify().holds
