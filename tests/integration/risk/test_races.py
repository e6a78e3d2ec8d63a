"""Many hands at once: one version, one halt, one execution."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from django.db import close_old_connections, connection
from django.utils import timezone

if TYPE_CHECKING:
    from tests.integration.risk.desks import Ask, Desk

pytestmark = pytest.mark.django_db(transaction=True)

HANDS = 8
POSTS = 200


def at_once(act: Callable[[int], object], times: int = HANDS) -> list[str]:
    """Do it with all hands in the same moment, and again until it was done `times`; what each got, by type."""
    gate = Barrier(HANDS)

    def one(number: int) -> str:
        close_old_connections()
        if number < HANDS:
            gate.wait()
        try:
            return type(act(number)).__name__
        except Exception as refusal:
            return type(refusal).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(HANDS) as hands:
        return list(hands.map(one, range(times)))


class TestRaces:
    def test_execute_an_approval_once(self, ask: "Ask", desk: "Desk") -> None:
        from audit.models import AuditEvent
        from risk import limits
        from risk.models import Execution
        from tests import voting
        from tests.integration.risk.desks import NOW, PLACE

        request = ask()
        votes = at_once(lambda _: voting.cast(request.pk, by=desk.ben, now=NOW))
        results = at_once(lambda _: limits.loosen(request, by="ann", now=NOW, place=PLACE))

        assert sorted(votes) == ["ChangeRequest"] + ["NotAllowed"] * (HANDS - 1)
        assert sorted(results) == ["Limit"] + ["NotAllowed"] * (HANDS - 1)
        assert Execution.objects.count() == 1
        # The refusals outlived the rollback of what they refused.
        assert AuditEvent.objects.filter(event="signoff.refused").count() == 2 * (HANDS - 1)

    @pytest.mark.slow
    def test_let_two_hundred_posts_execute_once(self, ask: "Ask", desk: "Desk") -> None:
        from django.contrib.auth.models import Permission
        from django.test import Client
        from django.urls import reverse

        from risk import limits, signoff_terms
        from risk.models import ChangeRequest, Execution, Limit
        from tests import voting

        for user in (desk.ann, desk.ben):
            user.user_permissions.add(Permission.objects.get(codename="add_changerequest"))
        now = timezone.now()
        request = ask(now=now, place=signoff_terms.here())
        voting.cast(request.pk, by=desk.ben, now=now)
        clients = [Client() for _ in range(HANDS)]
        for number, client in enumerate(clients):
            client.force_login((desk.ann, desk.ben)[number % 2], backend="django.contrib.auth.backends.ModelBackend")

        def post(number: int) -> object:
            answer = clients[number % HANDS].post(reverse("carry-out", args=[request.pk]))
            assert answer.status_code == 302
            return answer

        results = at_once(post, POSTS)

        assert set(results) == {"HttpResponseRedirect"}
        assert len(results) == POSTS
        assert Execution.objects.count() == 1
        assert ChangeRequest.objects.get().status == "EXECUTED"
        assert Limit.objects.filter(change=request).count() == 1
        assert limits.in_force()["positions"].value == 10

    @pytest.mark.parametrize("seed", range(6))
    def test_end_with_an_execution_or_a_withdrawal_never_both(self, ask: "Ask", desk: "Desk", seed: int) -> None:
        from risk import limits, signoff
        from risk.models import ChangeRequest, Execution
        from tests import voting
        from tests.integration.risk.desks import NOW, PLACE

        request = ask()
        voting.cast(request.pk, by=desk.ben, now=NOW)

        def either(number: int) -> object:
            if (number + seed) % 2:
                return signoff.withdraw(request.pk, by=desk.ann, now=NOW)
            return limits.loosen(request, by="ann", now=NOW, place=PLACE)

        results = at_once(either)

        assert sorted(set(results) - {"NotAllowed"}) in (["ChangeRequest"], ["Limit"])
        executed = Execution.objects.count()
        assert ChangeRequest.objects.get().status == ("EXECUTED" if executed else "WITHDRAWN")
        assert int(limits.in_force()["positions"].value) == (10 if executed else 8)

    def test_engage_one_halt(self, db: None) -> None:
        from audit.models import AuditEvent
        from risk import halts
        from risk.models import Halt
        from tests.integration.risk.desks import NOW

        results = at_once(
            lambda number: halts.engage(
                level="H1", scope_kind="firm", scope_key="", reason=f"hand {number}", by="ann", now=NOW
            )
        )

        assert set(results) == {"Halt"}
        assert Halt.objects.open().count() == 1
        assert AuditEvent.objects.filter(event="halt.engaged").count() == 1

    def test_leave_one_version_in_force(self, installed: None) -> None:
        from risk import limits
        from risk.models import Limit
        from tests.integration.risk.desks import NOW

        def tighten(number: int) -> object:
            return limits.tighten(
                name="order_usd",
                scope_kind="firm",
                scope_key="",
                value=str(9000 - number),
                reason="r",
                by="ann",
                now=NOW,
            )

        results = at_once(tighten)

        assert set(results) <= {"Limit", "LimitRefused"}
        assert Limit.objects.in_force().filter(name="order_usd").count() == 1
        assert limits.in_force()["order_usd"].value == 9000 - HANDS + 1
