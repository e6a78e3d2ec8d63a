"""A raise for a time: two people, an end, and the value before it back by itself."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from audit.models import AuditEvent
from risk import limits
from risk.models import ChangeRequest, Limit
from tests import voting
from tests.integration.risk.desks import NOW, PLACE, Ask, Desk

pytestmark = pytest.mark.django_db

END = NOW + timedelta(hours=3)
FIRM: dict[str, Any] = {"scope_kind": "firm", "scope_key": "", "reason": "one more name", "now": NOW}


def positions(at: datetime | None) -> int:
    return int(limits.in_force(now=at)["positions"].value)


@pytest.fixture
def approve(desk: Desk) -> Callable[[ChangeRequest], ChangeRequest]:
    """Ben votes for a request."""
    return lambda asked: voting.cast(asked.pk, by=desk.ben, now=NOW)


@pytest.fixture
def raised(ask: Ask, approve: Any) -> Limit:
    """Eight positions, ten until the evening."""
    return limits.loosen(approve(ask(until=END)), by="ann", now=NOW, place=PLACE)


class TestTemporaryRaise:
    def test_counts_until_its_end_and_no_moment_longer(self, raised: Limit) -> None:
        assert (raised.expires_at, raised.returns_to) == (END, 8)
        assert positions(NOW) == 10
        assert positions(END - timedelta(microseconds=1)) == 10
        assert positions(END) == 8

    def test_counts_as_ended_for_whoever_has_no_clock(self, raised: Limit) -> None:
        assert positions(None) == 8

    def test_returns_by_itself_on_the_record_once(self, raised: Limit) -> None:
        assert limits.return_expired(now=END - timedelta(seconds=1)) == []

        back = limits.return_expired(now=END)

        assert [(row.name, row.value, row.version, row.set_by) for row in back] == [("positions", 8, 4, "limits")]
        assert limits.return_expired(now=END) == []
        raised.refresh_from_db()
        assert raised.active_to == END
        assert AuditEvent.objects.filter(event="limit.returned", subject="positions").count() == 1

    def test_is_shown_with_its_end_in_the_request(self, ask: Ask) -> None:
        asked = ask(until=END)

        assert asked.payload["until"] == END.isoformat()

    def test_is_not_carried_out_after_its_end(self, ask: Ask, approve: Any) -> None:
        request = approve(ask(until=NOW + timedelta(minutes=10)))

        with pytest.raises(limits.LimitRefused, match="which is past"):
            limits.loosen(request, by="ann", now=NOW + timedelta(minutes=11), place=PLACE)

        assert positions(NOW) == 8

    def test_cannot_be_made_lasting_by_one_person(self, raised: Limit) -> None:
        # Nine is less than the ten of now, and more than the eight that will return.
        with pytest.raises(limits.LimitRefused, match="second person"):
            limits.tighten(name="positions", value="9", by="ann", **FIRM)

        assert limits.tighten(name="positions", value="7", by="ann", **FIRM).expires_at is None
        assert positions(END + timedelta(days=1)) == 7

    def test_returns_to_no_other_temporary_value(self, raised: Limit, ask: Ask, approve: Any) -> None:
        later = END + timedelta(hours=1)

        again = limits.loosen(approve(ask(value="11", until=later)), by="ann", now=NOW, place=PLACE)

        assert (again.returns_to, positions(END), positions(later)) == (8, 11, 8)

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"until": NOW}, "which is past"),
            ({"until": NOW + timedelta(hours=24, seconds=1)}, "24 hours at most"),
            ({"value": "7", "until": END}, "a stricter value has no end"),
            (
                {"scope_kind": "symbol", "scope_key": "GME", "name": "allowed", "value": "1", "until": END},
                "one to return",
            ),
        ],
    )
    def test_is_refused_with_a_sentence_that_is_recorded(
        self, ask: Ask, changes: dict[str, Any], sentence: str
    ) -> None:
        with pytest.raises(limits.LimitRefused, match=sentence):
            ask(**changes)

        assert not ChangeRequest.objects.exists()
        assert sentence in AuditEvent.objects.get(event="limit.refused").sentence


class TestTheRow:
    def test_keeps_its_end(self, raised: Limit) -> None:
        with pytest.raises(DatabaseError), transaction.atomic():
            Limit.objects.filter(pk=raised.pk).update(expires_at=END + timedelta(days=30))

        assert Limit.objects.get(pk=raised.pk).value_at(END) == Decimal(8)
