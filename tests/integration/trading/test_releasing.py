"""Letting trading go on: two people, books equal to the broker's, and a preflight that passed since."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from audit import trail
from risk import halts, limits, signoff
from risk.models import ChangeRequest, Halt
from tests import desk_people, voting
from tests.integration.trading.hands import compare, move_cash, open_desk
from tests.robot import WISHES, Robot
from trading import preflight
from trading.halting import releasing
from trading.models import OrderIntent
from trading.watching import heartbeats, symptoms, watchdog

pytestmark = pytest.mark.django_db


@contextmanager
def halted(minutes: int = 1) -> Iterator[tuple[Robot, Halt, desk_people.People]]:
    with open_desk(minutes) as desk:
        scope = {"scope_kind": "account", "scope_key": desk.account.number}
        halt = halts.engage(level="H2", **scope, reason="look first", by="olga", now=desk.now)
        yield desk, halt, desk_people.three(desk.now)


def check(desk: Robot) -> None:
    """A green preflight, which compares the books too."""
    for process in ("worker", "beat", "stream"):
        heartbeats.beat(process, now=desk.now, worked=True)
    run = preflight.run(desk.account, by="ann", now=desk.now)
    assert run.passed, run.items


def approved(desk: Robot, halt: Halt, people: desk_people.People) -> ChangeRequest:
    asked = releasing.request(halt, reason="cause found", by_user=people.ann, now=desk.now)
    return voting.cast(asked.pk, by=people.ben, now=desk.now)


def rejected(times: int, *, at: datetime) -> None:
    with transaction.atomic():
        entry = trail.Entry(event="order.rejected", sentence="the broker said no", by="test", now=at)
        trail.record_many(entry for _ in range(times))


def bursts(desk: Robot, *, in_seconds: int = 0) -> list[symptoms.Finding]:
    now = desk.now + timedelta(seconds=in_seconds)
    return list(symptoms.bursts(limits.in_force(now=now), now=now))


class TestRequest:
    def test_names_the_evidence(self) -> None:
        with halted() as (desk, halt, people):
            check(desk)

            asked = releasing.request(halt, reason="cause found", by_user=people.ann, now=desk.now)

            assert (asked.kind, asked.target, asked.account) == ("halt.release", f"halt:{halt.pk}", desk.account.number)
            evidence = asked.payload["evidence"][desk.account.number]
            assert evidence["preflight"].endswith("passed")
            assert evidence["books"].startswith("equal at 2026-01-05")


class TestCarryOut:
    def test_lets_trading_go_on(self) -> None:
        with halted(minutes=3) as (desk, halt, people):
            check(desk)

            releasing.carry_out(approved(desk, halt, people), by_user=people.ben, now=desk.now)

            assert not Halt.objects.open().filter(pk=halt.pk).exists()
            WISHES.by_minute["AAPL", 6] = "long"
            desk.minutes(4)
            assert OrderIntent.objects.get().approved

    def test_of_the_firm_leaves_the_burst_behind_that_halted_it(self) -> None:
        with open_desk() as desk:
            people = desk_people.three(desk.now)
            rejected(3, at=desk.now)
            assert watchdog.act(bursts(desk), now=desk.now)
            check(desk)

            halt = Halt.objects.get(scope_kind="firm")
            releasing.carry_out(approved(desk, halt, people), by_user=people.ben, now=desk.now)

            assert bursts(desk) == []
            rejected(2, at=desk.now + timedelta(seconds=1))
            assert bursts(desk, in_seconds=1) == []
            rejected(1, at=desk.now + timedelta(seconds=1))
            assert len(bursts(desk, in_seconds=1)) == 1

    def test_takes_another_person(self) -> None:
        with halted() as (desk, halt, people):
            check(desk)
            asked = releasing.request(halt, reason="cause found", by_user=people.ann, now=desk.now)

            with pytest.raises(signoff.NotAllowed, match="another person decides"):
                voting.cast(asked.pk, by=people.ann, now=desk.now)
            with pytest.raises(signoff.NotAllowed, match="not approved"):
                releasing.carry_out(asked, by_user=people.ann, now=desk.now)

            assert Halt.objects.open().filter(pk=halt.pk).exists()

    def test_waits_for_equal_books(self) -> None:
        with halted() as (desk, halt, people):
            check(desk)
            asked = approved(desk, halt, people)
            move_cash(desk, "-1")
            compare(desk)

            with pytest.raises(halts.HaltRefused, match="open reconciliation break; work it off"):
                releasing.carry_out(asked, by_user=people.ben, now=desk.now)

            move_cash(desk, "1")
            compare(desk)
            assert releasing.carry_out(asked, by_user=people.ben, now=desk.now).released_by == "ben"

    def test_wants_a_fresh_preflight(self) -> None:
        with halted() as (desk, halt, people):
            check(desk)
            asked = approved(desk, halt, people)
            desk.now += timedelta(minutes=31)
            compare(desk)

            with pytest.raises(halts.HaltRefused, match="no preflight that passed within 15 minutes"):
                releasing.carry_out(asked, by_user=people.ben, now=desk.now)

    def test_wants_a_fresh_comparison(self) -> None:
        with halted() as (desk, halt, _people):
            check(desk)
            desk.now += timedelta(minutes=31)

            why = releasing.why_not(halt, now=desk.now)

            assert "were not found equal to the broker's within 15 minutes" in why

    def test_of_the_firm_asks_for_every_active_account(self) -> None:
        with halted() as (desk, _, _people):
            firm = halts.engage(level="H1", scope_kind="firm", scope_key="", reason="x", by="olga", now=desk.now)

            assert desk.account.number in releasing.why_not(firm, now=desk.now)
            check(desk)
            assert releasing.why_not(firm, now=desk.now) == ""
