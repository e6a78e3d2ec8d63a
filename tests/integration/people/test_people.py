from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import Group, User
from django.core.management import call_command

from audit.models import AuditEvent
from config import people
from risk import factors
from risk.models import Person
from tests.integration.people import authenticator

NOW = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)


@pytest.mark.django_db
class TestGrantRoles:
    def test_makes_the_six_roles(self) -> None:
        people.grant_roles()

        assert set(Group.objects.values_list("name", flat=True)) == {
            "viewer", "operator", "risk officer", "approver", "auditor", "administrator",
        }  # fmt: skip

    def test_goes_on_when_a_permission_names_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(people.ROLES, people.VIEWER, ("audit.view_auditevent", "trading.launch_rocket"))

        assert "trading.launch_rocket" in people.grant_roles()
        assert Group.objects.get(name="viewer").permissions.count() == 1

    def test_takes_away_what_a_role_no_longer_may(self, monkeypatch: pytest.MonkeyPatch) -> None:
        people.grant_roles()
        monkeypatch.setitem(people.ROLES, people.OPERATOR, ("audit.view_auditevent",))

        people.grant_roles()

        assert [p.codename for p in Group.objects.get(name="operator").permissions.all()] == ["view_auditevent"]

    def test_is_on_the_record_and_alarms_nobody(self) -> None:
        people.seed(now=NOW, by="seed_desk")

        assert not AuditEvent.objects.filter(event="person.permissions_changed").exists()
        seeded = AuditEvent.objects.filter(event="person.permissions_seeded")
        assert {event.severity for event in seeded} == {"info"}
        assert "olga: given operator." in {event.sentence for event in seeded}
        assert {event.actor for event in seeded} == {"seed_desk"}

    def test_changes_nothing_when_run_again(self) -> None:
        people.grant_roles()
        events = AuditEvent.objects.count()

        people.grant_roles()

        assert AuditEvent.objects.count() == events


@pytest.mark.django_db
class TestRoles:
    @pytest.mark.parametrize(
        ("role", "may", "may_not"),
        [
            ("viewer", "trading.view_order", "risk.add_halt"),
            ("viewer", "risk.view_limit", "audit.view_auditevent"),
            ("operator", "risk.add_halt", "risk.add_vote"),
            ("operator", "audit.acknowledge_alert", "risk.add_limit"),
            ("risk officer", "risk.add_limit", "risk.add_vote"),
            ("approver", "risk.add_vote", "risk.add_limit"),
            ("auditor", "audit.view_auditseal", "risk.add_halt"),
            ("administrator", "auth.change_user", "risk.add_vote"),
        ],
    )
    def test_may_what_the_role_is_for_and_no_more(self, role: str, may: str, may_not: str) -> None:
        people.seed(now=NOW)

        user = User.objects.filter(groups__name=role).earliest("pk")

        assert user.has_perm(may)
        assert not user.has_perm(may_not)
        assert not user.is_superuser

    def test_gives_nobody_both_the_request_and_the_vote_of_a_limit(self) -> None:
        for role, wanted in people.ROLES.items():
            assert not {"risk.add_limit", "risk.add_vote"} <= set(wanted), role


@pytest.mark.django_db
class TestSeed:
    def test_makes_people_who_can_sign_in_with_what_is_told(self) -> None:
        told = people.seed(now=NOW)

        assert [c.username for c in told] == ["vera", "olga", "rita", "adam", "anna", "aron", "amal"]
        for credentials in told:
            user = User.objects.get(username=credentials.username)
            assert user.check_password(credentials.password)
            factor = TOTP(Authenticator.objects.get(user=user, type="totp"))
            assert factor.validate_code(authenticator.code(credentials.totp_secret))
            assert len(credentials.recovery_codes) == 10

    def test_links_every_account_to_a_person_and_lets_two_approve_at_once(self) -> None:
        people.seed(now=NOW)

        assert Person.objects.filter(accounts__user__isnull=False).count() == 7
        assert set(Person.objects.approvers(NOW).values_list("name", flat=True)) == {"Adam Okoro", "Anna Weiss"}

    def test_leaves_those_alone_who_are_there(self) -> None:
        first = people.seed(now=NOW)

        assert people.seed(now=NOW + timedelta(days=1)) == []
        assert User.objects.get(username="olga").check_password(first[1].password)

    def test_lets_a_later_approver_sign_in_but_makes_no_member(self) -> None:
        people.seed(now=NOW)

        told = people.seed(now=NOW, members=[people.Member("nina", "Nina Ek", people.APPROVER)])

        assert User.objects.get(username="nina").check_password(told[0].password)
        assert not Person.objects.filter(name="Nina Ek").exists()

    def test_lets_the_first_people_vote_with_the_app_they_are_given(self) -> None:
        people.seed(now=NOW)

        for name in ("adam", "anna"):
            assert [each.kind for each in factors.usable(User.objects.get(username=name), NOW)] == ["totp"]

    def test_keeps_no_secret_in_repr_or_on_the_record(self) -> None:
        told = people.seed(now=NOW)

        spoken = repr(told) + " ".join(f"{e.sentence} {e.data}" for e in AuditEvent.objects.all())
        for credentials in told:
            assert credentials.password not in spoken
            assert credentials.totp_secret not in spoken

    def test_gives_each_person_another_password(self) -> None:
        told = people.seed(now=NOW)

        assert len({c.password for c in told}) == len({c.totp_secret for c in told}) == 7


@pytest.mark.django_db
class TestSeedDesk:
    def test_tells_passwords_once(self, capsys: pytest.CaptureFixture[str]) -> None:
        call_command("seed_desk")
        first = capsys.readouterr().out
        call_command("seed_desk")

        assert "olga   operator" in first
        assert capsys.readouterr().out == ""
