"""Who belongs, votes and with what: one person takes away at once, two give, and the database holds the same."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User

from audit.models import AuditEvent
from risk import limits, membership, people, signoff
from risk.models import ChangeRequest, Factor, Person, PersonAccount
from risk.people import Member
from tests import security_key, voting
from tests.integration.risk.desks import NOW, PLACE, Ask, Desk
from tests.integration.risk.raw import refused, run

pytestmark = pytest.mark.django_db


def enrolment(desk: Desk, user: User, name: str = "Olaf") -> ChangeRequest:
    member = Member(name, user, approves=True)
    return membership.propose_enrolment(member, reason="help", by=desk.ann, now=NOW, place=PLACE)


def joined(desk: Desk, user: User, name: str = "Olaf") -> PersonAccount:
    asked = enrolment(desk, user, name)
    voting.cast(asked.pk, by=desk.ben, now=NOW)
    return membership.enrol(asked, by="ann", now=NOW, place=PLACE)


def change(desk: Desk, name: str, **wanted: bool) -> Person | ChangeRequest:
    person = Person.objects.get(name=name)
    terms = {"active": person.active, "approves": person.approves_from is not None} | wanted
    return membership.propose_change(person, **terms, reason="r", by=desk.ann, now=NOW, place=PLACE)


class TestEnrolment:
    def test_takes_another_person(self, desk: Desk) -> None:
        asked = enrolment(desk, desk.olaf)

        with pytest.raises(signoff.NotAllowed, match="not approved"):
            membership.enrol(asked, by="ann", now=NOW, place=PLACE)

        assert not Person.objects.filter(name="Olaf").exists()

    def test_admits_the_factors_it_named_and_waits_three_days(self, desk: Desk) -> None:
        account = joined(desk, desk.olaf)

        assert account.usable_from == NOW + timedelta(hours=72)
        assert [factor.change_id for factor in account.factors.all()] == [account.change_id]
        assert not Person.objects.approvers(NOW + timedelta(hours=71)).filter(name="Olaf").exists()
        assert Person.objects.approvers(NOW + timedelta(hours=72)).filter(name="Olaf").exists()

    def test_rests_on_what_the_account_is_and_who_decides_now(self, desk: Desk) -> None:
        told = enrolment(desk, desk.olaf).payload["evidence"]

        assert told[1:] == [
            {"name": "role that votes", "value": "yes"},
            {"name": "approvers now", "value": "Ann, Ben, Eve"},
        ]

    def test_says_that_a_superuser_without_the_role_does_not_vote(self, desk: Desk) -> None:
        root = User.objects.create_superuser("root")

        assert enrolment(desk, root, "Root").payload["evidence"][1]["value"].startswith("no:")

    def test_is_void_when_the_account_gets_another_key_meanwhile(self, desk: Desk) -> None:
        asked = enrolment(desk, desk.olaf)
        voting.cast(asked.pk, by=desk.ben, now=NOW)
        security_key.give(desk.olaf, "mallory's")

        with pytest.raises(membership.Refused, match="have changed since"):
            membership.enrol(asked, by="ann", now=NOW, place=PLACE)

        assert not Factor.objects.filter(account__user=desk.olaf).exists()

    def test_gives_a_further_account_that_is_still_the_same_person(self, desk: Desk, ask: Ask) -> None:
        joined(desk, desk.olaf, "Ann")
        later = NOW + timedelta(hours=73)
        asked = ask(now=later)

        with pytest.raises(signoff.NotAllowed, match="Ann asked for this"):
            voting.cast(asked.pk, by=desk.olaf, now=later)

    @pytest.mark.parametrize(("user", "name"), [("ben", "Ben again"), ("olaf", "  ")])
    def test_is_refused_for_an_account_of_somebody_or_without_a_name(self, desk: Desk, user: str, name: str) -> None:
        with pytest.raises(membership.Refused):
            enrolment(desk, getattr(desk, user), name)

        assert AuditEvent.objects.filter(event="person.refused").exists()


class TestChange:
    def test_takes_the_vote_at_once_and_alone(self, desk: Desk) -> None:
        person = change(desk, "Ben", approves=False)

        assert isinstance(person, Person)
        assert person.approves_from is None

    def test_gives_it_back_by_two_and_after_three_days(self, desk: Desk) -> None:
        change(desk, "Ben", approves=False)
        asked = change(desk, "Ben", approves=True)
        assert isinstance(asked, ChangeRequest)
        voting.cast(asked.pk, by=desk.eve, now=NOW)

        person = membership.change(asked, by="ann", now=NOW, place=PLACE)

        assert person.approves_from == NOW + timedelta(hours=72)

    def test_brings_somebody_back_by_two(self, desk: Desk) -> None:
        change(desk, "Ben", active=False)
        asked = change(desk, "Ben", active=True)
        assert isinstance(asked, ChangeRequest)
        with pytest.raises(signoff.NotAllowed, match="not approved"):
            membership.change(asked, by="ann", now=NOW, place=PLACE)
        voting.cast(asked.pk, by=desk.eve, now=NOW)

        assert membership.change(asked, by="ann", now=NOW, place=PLACE).active

    def test_is_refused_where_nothing_would_change(self, desk: Desk) -> None:
        with pytest.raises(membership.Refused, match="Nothing would change"):
            change(desk, "Ben")


class TestApprover:
    def test_stripped_of_the_role_counts_no_longer(self, approved: ChangeRequest, desk: Desk) -> None:
        desk.ben.user_permissions.clear()

        with pytest.raises(signoff.NotAllowed, match="Ben may approve no longer"):
            limits.loosen(approved, by="ann", now=NOW, place=PLACE)

    def test_is_nobody_by_being_superuser(self, ask: Ask, desk: Desk) -> None:
        desk.ben.user_permissions.clear()
        desk.ben.is_superuser = True
        desk.ben.save()

        with pytest.raises(signoff.NotAllowed, match="not an approver"):
            voting.cast(ask().pk, by=desk.ben, now=NOW)

    def test_is_who_has_the_role_now_not_a_role_of_that_name(self, approved: ChangeRequest, desk: Desk) -> None:
        from django.contrib.auth.models import Group

        desk.ben.user_permissions.clear()
        Group.objects.create(name="approver").permissions.set([])
        again = Group.objects.get(name="approver")
        again.permissions.add(Permission.objects.get(codename="add_vote"))

        with pytest.raises(signoff.NotAllowed, match="may approve no longer"):
            limits.loosen(approved, by="ann", now=NOW, place=PLACE)


class TestRawSql:
    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE risk_person SET approves_from = '2026-01-01' WHERE name = 'Ann'",
            "UPDATE risk_person SET active = true WHERE name = 'Ben'",
            "UPDATE risk_person SET approves_from = '2026-01-01' WHERE name = 'Ben'",
        ],
    )
    def test_gives_nobody_a_vote_back(self, desk: Desk, sql: str) -> None:
        for name in ("Ann", "Ben"):
            person = Person.objects.get(name=name)
            people.stop_approving(person, by="eve", now=NOW)
            people.deactivate(person, by="eve", now=NOW)

        refused(sql, match="Two people decide who returns and who votes")

    def test_uses_no_executed_request_of_another_kind(self, approved: ChangeRequest) -> None:
        limits.loosen(approved, by="ann", now=NOW, place=PLACE)
        people.stop_approving(Person.objects.get(name="Eve"), by="ann", now=NOW)

        refused(
            "UPDATE risk_person SET approves_from = '2026-01-01', change_id = %s WHERE name = 'Eve'",
            [approved.pk],
            match="Two people decide",
        )

    @pytest.mark.parametrize(
        ("sql", "why"),
        [
            ("UPDATE risk_personaccount SET usable_from = '2020-01-01'", "permission denied"),
            ("UPDATE risk_factor SET usable_from = '2020-01-01'", "permission denied"),
            ("UPDATE risk_factor SET public_key = 'x'", "permission denied"),
            ("UPDATE risk_person SET name = 'Eve'", "permission denied"),
            ("DELETE FROM risk_factor", "permission denied"),
            ("UPDATE risk_policyadoption SET digest = repeat('0', 64)", "permission denied"),
        ],
    )
    def test_rewrites_nothing(self, desk: Desk, sql: str, why: str) -> None:
        refused(sql, match=why)

    _FACTOR: Any = (
        "INSERT INTO risk_factor (account_id, kind, name, authenticator, credential_id, public_key, enrolled_at,"
        " usable_from, founding, change_id) VALUES (%s, 'webauthn', '', 999, 'x', 'x', %s, %s, %s, NULL)"
    )

    @pytest.mark.parametrize(("founding", "why"), [(True, "Only the first factor"), (False, "waits 72 hours")])
    def test_enrols_no_factor_that_votes_at_once(self, desk: Desk, founding: bool, why: str) -> None:
        account = PersonAccount.objects.get(user=desk.ben).pk

        refused(self._FACTOR, [account, NOW, NOW, founding], match=why)

    def test_admits_no_factor(self, desk: Desk, approved: ChangeRequest) -> None:
        limits.loosen(approved, by="ann", now=NOW, place=PLACE)
        account = PersonAccount.objects.get(user=desk.ben).pk
        run(self._FACTOR, [account, NOW, NOW + timedelta(hours=72), False])

        refused(
            "UPDATE risk_factor SET change_id = %s WHERE authenticator = 999", [approved.pk], match="executed sign-off"
        )

    def test_adopts_no_policy(self, desk: Desk) -> None:
        refused(
            "INSERT INTO risk_policyadoption (version, digest, content, adopted_at, holds_from)"
            " VALUES ('weak', repeat('0', 64), '{}', now(), now())",
            match="Two people adopt a policy",
        )
