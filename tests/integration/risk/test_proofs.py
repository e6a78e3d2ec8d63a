"""A vote bears a fresh second factor: for this very vote, of this very person, and once."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import User
from pytest_django import Settings

from audit.models import AuditEvent
from risk import assertions, ballots, factors, limits, proofs, signoff
from risk.models import ChangeRequest, Vote
from tests import security_key
from tests.desk import house
from tests.integration.risk.desks import NOW, PLACE, Ask, Desk

pytestmark = pytest.mark.django_db


def cast(asked: ChangeRequest, by: User, proof: proofs.Key | proofs.Code | None, at: datetime = NOW) -> ChangeRequest:
    return signoff.vote(asked.pk, decision="APPROVE", by=by, now=at, proof=proof)


class TestByKey:
    def test_is_stored_whole(self, approved: ChangeRequest) -> None:
        vote = Vote.objects.get()

        assert vote.auth_method == "webauthn"
        assert set(vote.signature or {}) == set(assertions.Assertion.__slots__)
        assert proofs.why_not_genuine(vote) == ""

    def test_is_refused_when_nothing_is_presented(self, ask: Ask, desk: Desk) -> None:
        with pytest.raises(signoff.NotAllowed, match="Confirm your vote with your security key"):
            cast(ask(), desk.ben, None)

        assert AuditEvent.objects.filter(event="signoff.refused", actor="ben").count() == 1

    @pytest.mark.parametrize("age", [timedelta(minutes=5, seconds=1), -timedelta(seconds=1)])
    def test_is_refused_when_it_is_not_fresh(self, ask: Ask, desk: Desk, age: timedelta) -> None:
        asked = ask()

        with pytest.raises(signoff.NotAllowed, match="older than five minutes"):
            cast(asked, desk.ben, security_key.sign(desk.ben, asked, NOW - age))

    def test_is_taken_at_five_minutes(self, ask: Ask, desk: Desk) -> None:
        asked = ask()

        proof = security_key.sign(desk.ben, asked, NOW)
        assert cast(asked, desk.ben, proof, NOW + timedelta(minutes=5)).status == "APPROVED"

    def test_is_refused_for_another_request(self, ask: Ask, desk: Desk) -> None:
        asked, other = ask(), ask(name="entries_day", value="6")

        with pytest.raises(signoff.NotAllowed, match="another request"):
            cast(asked, desk.ben, security_key.sign(desk.ben, other, NOW))

    def test_is_refused_for_the_other_decision(self, ask: Ask, desk: Desk) -> None:
        asked = ask()

        with pytest.raises(signoff.NotAllowed, match="another request, content, decision"):
            cast(asked, desk.ben, security_key.sign(desk.ben, asked, NOW, "REJECT"))

    def test_is_refused_when_made_at_another_address(self, ask: Ask, desk: Desk) -> None:
        asked = ask()
        challenge = assertions.challenge(proofs.ballot(asked, "APPROVE", "ben"), "n", NOW)
        lured = security_key.SecurityKey("ben").answer(challenge, origin="http://localhost:9000")

        with pytest.raises(signoff.NotAllowed, match="the browser made it for http://localhost:9000"):
            cast(asked, desk.ben, proofs.Key(lured, "n", NOW))

    def test_is_refused_with_another_persons_key(self, ask: Ask, desk: Desk) -> None:
        asked = ask()

        with pytest.raises(signoff.NotAllowed, match="none of yours"):
            cast(asked, desk.ben, security_key.sign(desk.eve, asked, NOW))

    def test_counts_once(self, ask: Ask, desk: Desk) -> None:
        asked = ask()
        proof = security_key.sign(desk.ben, asked, NOW, nonce="once")
        cast(asked, desk.ben, proof)
        signoff.withdraw(asked.pk, by=desk.ann, now=NOW)
        again = ask()

        with pytest.raises(signoff.NotAllowed):
            cast(again, desk.ben, proof)
        with pytest.raises(signoff.NotAllowed, match="used already"):
            cast(again, desk.ben, security_key.sign(desk.ben, again, NOW, nonce="once"))

    def test_is_void_when_the_key_is_taken_away_before_it_is_carried_out(
        self, approved: ChangeRequest, desk: Desk
    ) -> None:
        Authenticator.objects.filter(user=desk.ben).delete()
        factors.bring_in_line(desk.ben, by="ben", now=NOW)

        with pytest.raises(signoff.NotAllowed, match="was taken away"):
            limits.loosen(approved, by="ann", now=NOW, place=PLACE)

    def test_is_not_replaced_by_a_code(self, ask: Ask, desk: Desk) -> None:
        with pytest.raises(signoff.NotAllowed, match="vote with it, not with a code"):
            cast(ask(), desk.ben, proofs.Code("123456"))


class TestByCode:
    @pytest.fixture
    def zoe(self, desk: Desk, ask: Ask) -> User:
        """Zoe joins with an app, by two people; three days later she votes with it."""
        from risk import membership, people
        from tests import voting

        zoe = User.objects.create_user("zoe")
        voting.approver(zoe)
        Authenticator.objects.filter(user=zoe).delete()
        TOTP.activate(zoe, generate_totp_secret())
        member = people.Member("Zoe", zoe, approves=True)
        joining = membership.propose_enrolment(member, reason="r", by=desk.ann, now=NOW, place=PLACE)
        voting.cast(joining.pk, by=desk.ben, now=NOW)
        membership.enrol(joining, by="ann", now=NOW, place=PLACE)
        return zoe

    LATER = NOW + timedelta(hours=72)

    def test_is_sealed_and_verified(self, ask: Ask, zoe: User) -> None:
        cast(ask(now=self.LATER), zoe, proofs.Code(house.code(zoe)), self.LATER)

        vote = Vote.objects.latest("pk")
        assert vote.auth_method == "totp"
        assert proofs.why_not_genuine(vote) == ""
        assert ballots.verify().by_code == 1

    def test_that_nobody_cast_is_known_by_its_seal(self, ask: Ask, zoe: User, settings: Settings) -> None:
        cast(ask(now=self.LATER), zoe, proofs.Code(house.code(zoe)), self.LATER)
        settings.SECRET_KEY = "another-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFG"

        assert [each.why for each in ballots.verify().findings] == ["this program did not seal it"]

    def test_counts_once_even_with_an_empty_cache(self, ask: Ask, zoe: User) -> None:
        first, other = ask(now=self.LATER), ask(now=self.LATER, name="entries_day", value="6")
        cast(first, zoe, proofs.Code(house.code(zoe)), self.LATER)

        with pytest.raises(signoff.NotAllowed, match="One code counts for one vote"):
            cast(other, zoe, proofs.Code(house.code(zoe)), self.LATER)

    def test_counts_not_after_signing_in_with_it(self, ask: Ask, zoe: User) -> None:
        code = house.code(zoe)
        assert TOTP(Authenticator.objects.get(user=zoe)).validate_code(code)

        with pytest.raises(signoff.NotAllowed, match="used already"):
            cast(ask(now=self.LATER), zoe, proofs.Code(code), self.LATER)

    def test_is_not_looked_at_after_five_wrong_ones(self, ask: Ask, zoe: User) -> None:
        asked = ask(now=self.LATER)
        for _ in range(proofs.TRIES):
            with pytest.raises(signoff.NotAllowed, match="wrong or over"):
                cast(asked, zoe, proofs.Code("0"), self.LATER)

        with pytest.raises(signoff.NotAllowed, match="Too many wrong codes"):
            cast(asked, zoe, proofs.Code(house.code(zoe)), self.LATER)

        assert not Vote.objects.filter(request=asked).exists()

    def test_is_kept_out_of_sight(self) -> None:
        assert "123456" not in repr(proofs.Code("123456"))


class TestNewFactor:
    def test_waits_and_is_admitted_by_two(self, ask: Ask, desk: Desk) -> None:
        from risk import membership
        from tests import voting

        mine = security_key.give(desk.ben, "ben's second")
        (new,) = factors.bring_in_line(desk.ben, by="ben", now=NOW)
        asked = ask()
        challenge = assertions.challenge(proofs.ballot(asked, "APPROVE", "ben"), "n", NOW)
        proof = proofs.Key(mine.answer(challenge), "n", NOW)
        with pytest.raises(signoff.NotAllowed, match="none of yours that counts"):
            cast(asked, desk.ben, proof)

        wanted = membership.propose_factor(new, reason="spare", by=desk.ben, now=NOW, place=PLACE)
        voting.cast(wanted.pk, by=desk.eve, now=NOW)
        membership.admit(wanted, by="ben", now=NOW, place=PLACE)
        with pytest.raises(signoff.NotAllowed, match="none of yours that counts"):
            cast(asked, desk.ben, proof)
        later = NOW + timedelta(hours=72)
        asked = ask(now=later)
        challenge = assertions.challenge(proofs.ballot(asked, "APPROVE", "ben"), "n", later)
        assert cast(asked, desk.ben, replace(proof, response=mine.answer(challenge), issued_at=later), later)

    def test_is_not_admitted_for_somebody_else(self, desk: Desk, installed: None) -> None:
        from risk import membership

        security_key.give(desk.ben, "second")
        (new,) = factors.bring_in_line(desk.ben, by="ben", now=NOW)

        with pytest.raises(membership.Refused, match="Each person asks"):
            membership.propose_factor(new, reason="r", by=desk.eve, now=NOW, place=PLACE)

    def test_that_another_account_has_is_refused(self, desk: Desk) -> None:
        security_key.give(desk.eve, "ben")

        with pytest.raises(factors.FactorRefused, match="another account's"):
            factors.bring_in_line(desk.eve, by="eve", now=NOW)
