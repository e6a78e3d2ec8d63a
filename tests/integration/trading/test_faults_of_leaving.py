"""The desk leaves a position while its cancels are refused, linger, or lose to a fill: nothing is sold twice unseen."""

from collections.abc import Iterator

import pytest

from audit.models import AuditEvent
from tests.integration.trading import faulty_desk
from tests.integration.trading.faulty_desk import assert_settled, converge, planned, shares, wish
from tests.robot import Robot
from trading.models import Position
from trading.proposing import protection

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Iterator[Robot]:
    """A desk that holds AAPL under a stop and a target."""
    with faulty_desk.faulty_desk() as made:
        wish(made, "long")
        made.minutes(3)
        assert Position.objects.get().quantity > 0
        yield made


class TestLeaving:
    @pytest.mark.parametrize(
        "name", ["fill_before_cancel", "part_fill_before_cancel", "cancel_refused", "cancel_lingers"]
    )
    def test_ends_flat_and_with_equal_books(self, desk: Robot, name: str) -> None:
        planned(desk, name)
        wish(desk, "flat")

        desk.minute()
        converge(desk)
        wish(desk, "flat")
        converge(desk)

        assert faulty_desk.hits(desk, name) == 1
        assert shares(desk) == ({}, {})
        assert_settled(desk)

    def test_after_a_lost_answer_to_a_cancel_ends_flat(self, desk: Robot) -> None:
        planned(desk, "reset_after_accept", on=["cancel"])
        wish(desk, "flat")

        desk.minute()
        converge(desk)
        wish(desk, "flat")
        converge(desk)

        assert shares(desk) == ({}, {})
        assert_settled(desk)

    def test_books_a_leg_that_fills_after_it_was_told_canceled(self, desk: Robot) -> None:
        held = Position.objects.get().quantity
        planned(desk, "fill_after_cancel")
        wish(desk, "flat")

        desk.minute()
        converge(desk, minutes=1)

        assert faulty_desk.hits(desk, "fill_after_cancel") == 1
        ours, theirs = shares(desk)
        assert ours == theirs == {"AAPL": -held}
        assert_settled(desk)

    def test_alarms_when_such_a_leg_leaves_the_account_short(self, desk: Robot) -> None:
        planned(desk, "fill_after_cancel")
        wish(desk, "flat")

        desk.minute()
        converge(desk, minutes=1)

        assert AuditEvent.objects.get(event="position.short").severity == "critical"
        desk.now += protection.CLOSED_AFTER
        converge(desk, minutes=3)
        assert shares(desk)[1] == {}
