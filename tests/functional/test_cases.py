"""A case's page and a report's signature: who may do what, and what is said when it may not be."""

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import AuditEvent
from config import people as roles
from tests import desk
from tests.desk import house
from trading.models import DailyReport, ReconciliationBreak, ReportSignature
from trading.reconciling import signing


@pytest.fixture
def rita(scene: desk.Scene, client: Client) -> Client:
    client.force_login(house.person("rita", roles.RISK_OFFICER))
    return client


@pytest.fixture
def case(scene: desk.Scene) -> ReconciliationBreak:
    return ReconciliationBreak.objects.filter(status="open")[0]


class TestCase:
    def test_shows_both_sides_and_the_doors(self, case: ReconciliationBreak, rita: Client) -> None:
        page = rita.get(reverse("case", args=[case.pk])).content.decode()

        assert case.expected in page
        assert case.seen in page
        assert "Close the case" in page
        assert reverse("case", args=[case.pk]) in rita.get(reverse("reconciliation")).content.decode()

    def test_offers_nothing_to_who_may_not(self, case: ReconciliationBreak, operator: Client) -> None:
        assert "you may not" in operator.get(reverse("case", args=[case.pk])).content.decode()

        for door in ("close-case", "accept-case"):
            answer = operator.post(reverse(door, args=[case.pk]), {"reason": "x"})
            assert answer.status_code == 422
            assert "may not close cases" in answer.content.decode()

        assert AuditEvent.objects.filter(event="reconciliation.closing_refused").count() == 2
        assert ReconciliationBreak.objects.get(pk=case.pk).status == "open"

    def test_refuses_in_place_and_keeps_what_was_typed(self, case: ReconciliationBreak, rita: Client) -> None:
        # Nobody answers for the broker of this desk.
        answer = rita.post(reverse("close-case", args=[case.pk]), {"reason": "I looked into it"})

        assert answer.status_code == 422
        assert "could not be asked" in answer.content.decode()
        assert "I looked into it" in answer.content.decode()

    def test_of_nothing_is_not_found(self, rita: Client) -> None:
        assert rita.get(reverse("case", args=[987654])).status_code == 404


class TestSignature:
    def test_moves_a_report_from_one_state_to_the_other(self, scene: desk.Scene, rita: Client) -> None:
        report = DailyReport.objects.order_by("-session_date")[0]
        address = reverse("daily-report", args=[report.session_date])
        assert "waits for a signature" in rita.get(address).content.decode()

        sent = {"digest": signing.digest(report)}
        assert rita.post(reverse("sign-report", args=[report.session_date]), sent).status_code == 302

        assert "Signed by rita" in rita.get(address).content.decode()
        assert "signed by rita" in rita.get(reverse("reports")).content.decode()

    def test_is_refused_for_another_text_or_person(self, scene: desk.Scene, rita: Client) -> None:
        report = DailyReport.objects.order_by("-session_date")[0]
        door = reverse("sign-report", args=[report.session_date])

        stale = rita.post(door, {"digest": "0" * 64})
        rita.force_login(scene.operator)
        foreign = rita.post(door, {"digest": signing.digest(report)})

        assert (stale.status_code, foreign.status_code) == (422, 422)
        assert "may not sign" in foreign.content.decode()
        assert not ReportSignature.objects.exists()
        assert AuditEvent.objects.filter(event="report.signing_refused").count() == 2
