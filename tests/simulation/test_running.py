"""The rig itself: a short run holds, a seed replays exactly, and what is planted is found."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any
from unittest import mock

import pytest
from django.db import connection, transaction
from django.db.models import F
from pytest_django import DjangoDbBlocker

from audit import sealing
from risk.standing import HaltView
from tests import databases
from tests.simulation import quiet, running
from tests.simulation.ground import Ground, in_the_tests_database
from tests.simulation.runs import Run
from tests.simulation.steps import Step
from trading import orders
from trading.models import AccountState
from trading.orders import resolving
from trading.positions import ledger

SEEDS, STEPS = 10, 60


@pytest.fixture(scope="module")
def ground(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Ground]:
    """The database of a rig, in the place of the tests'; it is put back to what migrations leave in it."""
    with django_db_blocker.unblock():
        with in_the_tests_database() as made:
            yield made
        databases.restore(os.environ["DATABASE_OWNER_URL"])


def play(ground: Ground, *wanted: Step, seed: int = 1) -> Run:
    """A calm desk that buys what a rule wants, and after that what a test wants."""
    buy = [Step("wish", {"symbol": "AAPL", "direction": "long"}), *wanted]
    again = [Step("minute"), Step("pass", {"account": 0})] * 2
    return running.run(seed, STEPS, ground, [*buy, Step("minute"), Step("pass", {"account": 0}), *again])


def broken(run: Run) -> str:
    return run.failure.invariant if run.failure else ""


class TestRun:
    def test_holds_every_invariant_for_some_seeds(self, ground: Ground) -> None:
        made = [running.run(seed, STEPS, ground) for seed in range(1, SEEDS + 1)]

        assert [f"{run.seed}: {run.failure}" for run in made if run.failure] == []
        assert sum(run.orders for run in made) > SEEDS
        assert all(len(run.done) == STEPS for run in made)

    def test_of_a_seed_is_the_same_again(self, ground: Ground) -> None:
        first, second = (running.run(3, STEPS, ground) for _ in range(2))

        assert (first.story, first.hits) == (second.story, second.hits)

    def test_sends_an_order_where_nothing_goes_wrong(self, ground: Ground) -> None:
        run = play(ground)

        assert (broken(run), run.orders) == ("", 1)

    def test_strikes_no_reading_of_its_own(self, ground: Ground) -> None:
        strike = Step("strike", {"how": "die_before", "left": 1, "table": ""})

        run = play(ground, strike, Step("tighten", {"symbol": "AAPL"}))

        assert (broken(run), run.hits["F21"]) == ("", 1)


class TestTheConnectionOfARig:
    def test_plans_nothing_anew_after_a_rollback(self, ground: Ground) -> None:
        play(ground)
        before = self.planned()

        with suppress(ZeroDivisionError), transaction.atomic():
            raise ZeroDivisionError

        assert self.planned() >= before > 20

    def planned(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_prepared_statements")
            return int(cursor.fetchone()[0])


class TestAPlantedBug:
    """Each is put into the running program, and the invariant that stands against it must speak."""

    def planted(
        self, ground: Ground, place: Any, name: str, bug: Callable[..., Any], *wanted: Step, seed: int = 1
    ) -> str:
        with mock.patch.object(place, name, bug):
            return broken(play(ground, *wanted, seed=seed))

    def test_that_books_cash_twice_breaks_i4(self, ground: Ground) -> None:
        real = ledger.book

        def twice(fresh: Sequence[ledger.Done], *, now: Any) -> None:
            real(fresh, now=now)
            spent = sum(done.signed * done.fill.price for done in fresh)
            AccountState.objects.update(ledger_cash=F("ledger_cash") - spent)

        assert self.planted(ground, ledger, "book", twice) == "I4"

    def test_that_sends_again_after_a_time_out_breaks_i1(self, ground: Ground) -> None:
        real = orders.send

        def again(going: orders.Going, *, gateway: Any, lease: Any, now: Any) -> Any:
            order = real(going, gateway=gateway, lease=lease, now=now)
            if order.status == "unknown":
                gateway.submit(going.wire)
            return order

        fault = Step("fault", {"name": "reset_after_accept", "on": "submit"})
        assert self.planted(ground, orders, "send", again, fault) == "I1"

    def test_that_ignores_the_latch_breaks_i3(self, ground: Ground) -> None:
        halt = Step("halt", {"level": "H1", "reach": "firm"})
        wait = Step("wait", {"seconds": 3})

        assert self.planted(ground, HaltView, "refusal", lambda *_: "", halt, wait) == "I3"

    def test_that_takes_a_first_404_for_proof_breaks_i12(self, ground: Ground) -> None:
        lost = Step("fault", {"name": "reset_after_accept", "on": "submit"})
        late = Step("fault", {"name": "late_visibility"})
        asked = [
            Step("minute"),
            Step("pass", {"account": 0}),
            Step("wait", {"seconds": 3}),
            Step("tick", {"account": 0}),
        ]

        assert self.planted(ground, resolving, "_is_proof", lambda *_: True, lost, late, *asked) == "I12"

    def test_that_seals_a_record_with_a_gap_breaks_i7(self, ground: Ground) -> None:
        real = sealing._seal_range

        def later(last: Any, since: int, until: int, now: Any) -> Any:
            return real(last, since + 1, until, now)

        assert self.planted(ground, sealing, "_seal_range", later, seed=quiet.SEALED_EVERY) == "I7"
