"""Stopping while the broker cancels only a part of what it was asked to: nothing is called done that is not."""

import pytest

from tests.integration.trading import faulty_desk
from tests.integration.trading.busy_desk import at_the_venue, busy_desk, pull, thin
from tests.integration.trading.faulty_desk import planned
from tests.robot import WISHES, robot
from trading.halting import sweeping
from trading.models import Order
from trading.venue.faults.plan import When

pytestmark = pytest.mark.django_db


class TestH2:
    def test_asks_again_for_what_a_cancel_all_left_working(self) -> None:
        with robot(thin(symbol="MSFT")) as desk:
            WISHES.by_minute["MSFT", 8] = "long"
            desk.minutes(9)
            planned(desk, "partial_207", on=["cancel_all"])

            receipt = pull(desk, "H2")

            assert faulty_desk.hits(desk, "partial_207") == 1
            assert receipt.complete
            assert at_the_venue(desk) == set()
            assert not Order.objects.working().filter(purpose="entry").exists()

    @pytest.mark.parametrize("name", ["cancel_lingers", "cancel_refused"])
    def test_is_not_called_complete_while_an_entry_works_on(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sweeping, "PATIENCE", 1.0)
        with busy_desk() as desk:
            given = {"lasts": 0} if name == "cancel_lingers" else {}
            planned(desk, name, when=When(count=20), **given)

            receipt = pull(desk, "H2")

            assert faulty_desk.hits(desk, name) > 0
            assert ("MSFT", "buy") in at_the_venue(desk)
            assert not receipt.complete
