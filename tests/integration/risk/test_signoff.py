"""One asks, another decides, it happens once; every refused attempt is on the record."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from audit.models import AuditEvent
from risk import limits, membership, people, policy, signoff
from risk.models import ChangeRequest, Execution, Limit, Person, Vote
from risk.signoff_terms import Place
from tests import voting
from tests.integration.risk.desks import NOW, PLACE, Ask, Desk

pytestmark = pytest.mark.django_db


def refusals() -> list[str]:
    return list(AuditEvent.objects.filter(event="signoff.refused").values_list("sentence", flat=True))


def in_force(name: str = "positions") -> int:
    return int(limits.in_force()[name].value)


class TestRequest:
    def test_keeps_what_is_asked_for_with_its_hash(self, ask: Ask) -> None:
        request = ask()

        assert request.status == ChangeRequest.Status.PENDING
        assert (request.payload["old"], request.payload["new"], request.base_version) == ("8", "10", "2")
        assert len(request.payload_hash) == 64
        assert AuditEvent.objects.filter(event="signoff.requested", subject="limit:positions@firm").count() == 1
        assert in_force() == 8

    def test_is_refused_when_nobody_else_could_approve(self, ask: Ask, desk: Desk) -> None:
        for name in ("Ben", "Eve"):
            people.stop_approving(Person.objects.get(name=name), by="ann", now=NOW)

        with pytest.raises(signoff.NotAllowed, match="enrol a second approver"):
            ask()

        assert len(refusals()) == 1

    @pytest.mark.parametrize(
        ("changes", "sentence"), [({"reason": "  "}, "reason"), ({"by": "olaf"}, "olaf may not ask")]
    )
    def test_is_refused_without_a_reason_or_a_person(
        self, ask: Ask, desk: Desk, changes: dict[str, Any], sentence: str
    ) -> None:
        if "by" in changes:
            changes = {"by": desk.olaf}

        with pytest.raises(Exception, match=sentence):
            ask(**changes)

        assert not ChangeRequest.objects.exists()

    def test_is_refused_while_the_same_is_open_and_free_again_when_that_expired(self, ask: Ask) -> None:
        first = ask()

        with pytest.raises(signoff.NotAllowed, match="open already"):
            ask()
        ask(now=NOW + timedelta(hours=24))

        first.refresh_from_db()
        assert first.status == ChangeRequest.Status.EXPIRED


class TestVote:
    def test_by_another_person_approves(self, approved: ChangeRequest) -> None:
        assert approved.status == ChangeRequest.Status.APPROVED
        assert in_force() == 8  # an approved change runs nothing

    @pytest.mark.parametrize("voter", ["ann", "ann_again"])
    def test_by_the_requester_is_refused_under_any_account(self, ask: Ask, desk: Desk, voter: str) -> None:
        request = ask()

        with pytest.raises(signoff.NotAllowed, match="another person decides"):
            voting.cast(request.pk, by=getattr(desk, voter), now=NOW)

        assert not Vote.objects.exists()
        assert refusals() == ["Ann asked for this; another person decides."]

    def test_by_a_superuser_who_is_the_requester_is_refused(self, ask: Ask, desk: Desk) -> None:
        desk.ann.is_superuser = True
        desk.ann.save()

        with pytest.raises(signoff.NotAllowed):
            voting.cast(ask().pk, by=desk.ann, now=NOW)

    def test_is_cast_once(self, approved: ChangeRequest, desk: Desk) -> None:
        with pytest.raises(signoff.NotAllowed, match="voted already"):
            voting.cast(approved.pk, decision="REJECT", by=desk.ben, reason="changed my mind", now=NOW)

    def test_one_decline_ends_it_even_after_an_approval(self, approved: ChangeRequest, desk: Desk) -> None:
        voting.cast(approved.pk, decision="REJECT", by=desk.eve, reason="not this week", now=NOW)

        approved.refresh_from_db()
        assert approved.status == ChangeRequest.Status.REJECTED
        with pytest.raises(signoff.NotAllowed, match="not approved"):
            limits.loosen(approved, by="ann", now=NOW, place=PLACE)

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"now": NOW + timedelta(hours=24, seconds=1)}, "silence counted as a refusal"),
            ({"shown_hash": "0" * 64}, "not what was shown"),
            ({"decision": "REJECT"}, "why you decline"),
            ({"decision": "PERHAPS"}, "neither APPROVE nor REJECT"),
        ],
    )
    def test_is_refused(self, ask: Ask, desk: Desk, changes: dict[str, Any], sentence: str) -> None:
        terms: dict[str, Any] = {"decision": "APPROVE", "by": desk.ben, "now": NOW}

        with pytest.raises(signoff.NotAllowed, match=sentence):
            voting.cast(ask().pk, **{**terms, **changes})

        assert len(refusals()) == 1

    def test_of_a_new_account_waits_three_days(self, ask: Ask, desk: Desk) -> None:
        new = voting.approver(User.objects.create_user("zoe"))
        joining = membership.propose_enrolment(
            people.Member("Zoe", new, approves=True), reason="r", by=desk.ann, now=NOW, place=PLACE
        )
        voting.cast(joining.pk, by=desk.ben, now=NOW)
        membership.enrol(joining, by="ann", now=NOW, place=PLACE)
        almost = NOW + timedelta(hours=71, minutes=59)
        request = ask(now=almost)

        with pytest.raises(signoff.NotAllowed, match="too new"):
            voting.cast(request.pk, by=new, now=almost)

        assert voting.cast(request.pk, by=new, now=NOW + timedelta(hours=72)).status == "APPROVED"


class TestConsume:
    def test_carries_the_change_out_once(self, approved: ChangeRequest) -> None:
        limits.loosen(approved, by="ann", now=NOW, place=PLACE)

        assert in_force() == 10
        with pytest.raises(signoff.NotAllowed, match="not approved: it executed"):
            limits.loosen(approved, by="ann", now=NOW, place=PLACE)
        assert Execution.objects.count() == 1

    def test_is_refused_before_anybody_voted(self, ask: Ask) -> None:
        with pytest.raises(signoff.NotAllowed, match="waits for another person"):
            limits.loosen(ask(), by="ann", now=NOW, place=PLACE)

        assert in_force() == 8

    @pytest.mark.parametrize(
        "place", [Place("live", "", "test"), Place("paper", "PA1", "test"), Place("paper", "", "other")]
    )
    def test_is_refused_in_another_place(self, approved: ChangeRequest, place: Place) -> None:
        with pytest.raises(signoff.NotAllowed, match="another environment"):
            limits.loosen(approved, by="ann", now=NOW, place=place)

    def test_is_refused_too_late(self, approved: ChangeRequest) -> None:
        late = NOW + timedelta(hours=25, seconds=1)

        with pytest.raises(signoff.NotAllowed, match="expired unused"):
            limits.loosen(approved, by="ann", now=late, place=PLACE)

    def test_is_refused_when_the_limit_has_moved_on(self, approved: ChangeRequest) -> None:
        limits.tighten(name="positions", scope_kind="firm", scope_key="", value="6", reason="r", by="eve", now=NOW)

        with pytest.raises(signoff.NotAllowed, match="moved on since the request"):
            limits.loosen(approved, by="ann", now=NOW, place=PLACE)

        assert in_force() == 6

    @pytest.mark.parametrize("who", ["Ann", "Ben"])
    def test_is_refused_when_one_of_the_two_has_left(self, approved: ChangeRequest, who: str) -> None:
        people.deactivate(Person.objects.get(name=who), by="eve", now=NOW)

        with pytest.raises(signoff.NotAllowed, match=f"{who} .* void"):
            limits.loosen(approved, by="eve", now=NOW, place=PLACE)

    def test_is_refused_when_the_approver_lost_the_vote_or_the_account(
        self, approved: ChangeRequest, desk: Desk
    ) -> None:
        desk.ben.is_active = False
        desk.ben.save()

        with pytest.raises(signoff.NotAllowed, match="may approve no longer"):
            limits.loosen(approved, by="ann", now=NOW, place=PLACE)

    def test_is_refused_under_another_policy(self, approved: ChangeRequest, monkeypatch: pytest.MonkeyPatch) -> None:
        held = policy.VERSION
        monkeypatch.setattr(policy, "VERSION", "weaker-9")

        with pytest.raises(signoff.NotAllowed, match=f"approved under policy {held}"):
            limits.loosen(approved, by="ann", now=NOW, place=PLACE)

    def test_is_refused_for_another_kind(self, approved: ChangeRequest) -> None:
        with pytest.raises(signoff.NotAllowed, match="not for golive"):
            signoff.consume(
                approved.pk, kind="golive", current_base_version=lambda _: "2", by="ann", now=NOW, place=PLACE
            )


class TestWithdraw:
    def test_is_for_the_requester_alone_and_ends_it(self, approved: ChangeRequest, desk: Desk) -> None:
        with pytest.raises(signoff.NotAllowed, match="Only Ann"):
            signoff.withdraw(approved.pk, by=desk.ben, now=NOW)
        signoff.withdraw(approved.pk, by=desk.ann_again, now=NOW)

        with pytest.raises(signoff.NotAllowed, match="withdrawn"):
            limits.loosen(approved, by="ann", now=NOW, place=PLACE)


class TestGolive:
    def test_uses_the_same_door(self, desk: Desk) -> None:
        place = Place("live", "PA1", "test")
        request = signoff.request(
            kind="golive",
            target="account:PA1",
            base_version="f1",
            payload={"preflight": 7, "fingerprint": "f1"},
            reason="thirty days of paper",
            by=desk.ann,
            now=NOW,
            place=place,
        )
        voting.cast(request.pk, by=desk.ben, now=NOW)

        def arm(fingerprint: str, now: datetime = NOW) -> ChangeRequest:
            return signoff.consume(
                request.pk, kind="golive", current_base_version=lambda _: fingerprint, by="ann", now=now, place=place
            )

        with pytest.raises(signoff.NotAllowed, match="moved on"):
            arm("f2")
        assert arm("f1").status == ChangeRequest.Status.EXECUTED


class TestLimitRow:
    def test_points_at_the_request_that_loosened_it(self, approved: ChangeRequest) -> None:
        made = limits.loosen(approved, by="ann", now=NOW, place=PLACE)

        assert made.change_id == approved.pk
        assert Limit.history.filter(name="positions").count() == 5  # three versions made, two ended
