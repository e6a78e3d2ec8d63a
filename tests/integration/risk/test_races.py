"""Many hands at once: one version, one halt, one execution."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from django.db import close_old_connections, connection

if TYPE_CHECKING:
    from tests.integration.risk.desks import Ask, Desk

pytestmark = pytest.mark.django_db(transaction=True)

HANDS = 8


def at_once(act: Callable[[int], object]) -> list[str]:
    """Do it with all hands in the same moment; what each got, by type."""
    gate = Barrier(HANDS)

    def one(number: int) -> str:
        close_old_connections()
        gate.wait()
        try:
            return type(act(number)).__name__
        except Exception as refusal:
            return type(refusal).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(HANDS) as hands:
        return list(hands.map(one, range(HANDS)))


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
