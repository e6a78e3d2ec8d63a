"""One worker acts for an account at a time; one that was overtaken is refused by the database."""

import time
from datetime import timedelta

import pytest

from tests.orderpath import WALL, open_account
from trading import leases
from trading.models import Account, AccountLease

pytestmark = pytest.mark.django_db

LATER = WALL + leases.LEASE


@pytest.fixture
def account() -> Account:
    return open_account()


class TestAcquire:
    def test_gives_nobody_else_the_lease_while_it_runs(self, account: Account) -> None:
        leases.acquire(account.pk, holder="one", now=WALL)

        assert leases.acquire(account.pk, holder="two", now=LATER - timedelta(microseconds=1)) is None

    def test_gives_the_same_process_no_second_lease(self, account: Account) -> None:
        leases.acquire(account.pk, holder="one", now=WALL)

        assert leases.acquire(account.pk, holder="one", now=WALL) is None

    def test_raises_the_token_at_each_change_of_hands(self, account: Account) -> None:
        first = leases.acquire(account.pk, holder="one", now=WALL)
        second = leases.acquire(account.pk, holder="two", now=LATER)

        assert first is not None
        assert second is not None
        assert second.token == first.token + 1

    def test_gives_a_returned_lease_at_once(self, account: Account) -> None:
        with leases.held(account.pk, holder="one", now=WALL) as lease:
            assert lease is not None

        assert leases.acquire(account.pk, holder="two", now=WALL) is not None


class TestWaitFor:
    """A halt waits, and workers come and go."""

    @pytest.fixture
    def held(self, account: Account) -> leases.Lease:
        lease = leases.acquire(account.pk, holder="one", now=WALL)
        assert lease is not None
        return lease

    def test_comes_before_those_who_do_not_wait(
        self, account: Account, held: leases.Lease, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        others: list[leases.Lease | None] = []

        def meanwhile(_: float) -> None:
            leases.release(held, now=WALL)
            others.append(leases.acquire(account.pk, holder="two", now=WALL + timedelta(seconds=0.5)))

        monkeypatch.setattr(time, "sleep", meanwhile)

        mine = leases.wait_for(account.pk, holder="halt:1", now=WALL, patience=30)

        assert others == [None]
        assert mine is not None
        leases.release(mine, now=WALL)
        assert leases.acquire(account.pk, holder="two", now=WALL) is not None

    def test_keeps_nobody_off_a_second_after_it_gave_up(
        self, account: Account, held: leases.Lease, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        slept: list[float] = []
        monkeypatch.setattr(time, "sleep", slept.append)
        monkeypatch.setattr(time, "monotonic", iter([0.0, 0.0, 1.0]).__next__)

        assert leases.wait_for(account.pk, holder="halt:1", now=WALL, patience=0.5) is None

        assert len(slept) == 1
        leases.release(held, now=WALL)
        assert leases.acquire(account.pk, holder="two", now=WALL + leases.KEPT / 2) is None
        monkeypatch.undo()
        assert leases.acquire(account.pk, holder="two", now=WALL + leases.KEPT) is not None

    def test_ends_the_renewing_of_a_slow_worker(
        self, account: Account, held: leases.Lease, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ends = WALL + leases.LEASE
        started = time.monotonic()
        monkeypatch.setattr(time, "monotonic", lambda: started + 7)
        AccountLease.objects.update(kept_for="halt:1", kept_until=WALL + timedelta(seconds=8))

        leases.check(held)

        assert AccountLease.objects.get().expires_at == ends


class TestProve:
    def test_refuses_a_holder_that_was_overtaken_even_after_the_other_is_done(self, account: Account) -> None:
        old = leases.acquire(account.pk, holder="one", now=WALL)
        assert old is not None
        with leases.held(account.pk, holder="two", now=LATER):
            pass

        with pytest.raises(leases.Fenced):
            leases.check(old)

    def test_refuses_an_older_lease_of_the_same_process(self, account: Account) -> None:
        old = leases.acquire(account.pk, holder="one", now=WALL)
        assert old is not None
        assert leases.acquire(account.pk, holder="one", now=LATER) is not None

        with pytest.raises(leases.Fenced):
            leases.check(old)

    def test_accepts_a_lease_that_ran_out_while_nobody_wanted_it(self, account: Account) -> None:
        lease = leases.acquire(account.pk, holder="one", now=WALL)
        assert lease is not None
        AccountLease.objects.update(expires_at=WALL - timedelta(hours=1))

        leases.check(lease)

        assert leases.acquire(account.pk, holder="two", now=WALL) is None

    def test_renews_a_lease_before_it_runs_out(self, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
        lease = leases.acquire(account.pk, holder="one", now=WALL)
        assert lease is not None
        started = time.monotonic()
        monkeypatch.setattr(time, "monotonic", lambda: started + 7)

        leases.check(lease)

        expires_at = AccountLease.objects.get().expires_at
        assert expires_at is not None
        assert expires_at >= WALL + timedelta(seconds=16)


class TestRelease:
    def test_takes_nothing_from_a_later_holder(self, account: Account) -> None:
        old = leases.acquire(account.pk, holder="one", now=WALL)
        assert old is not None
        new = leases.acquire(account.pk, holder="two", now=LATER)

        leases.release(old, now=LATER)

        assert new is not None
        leases.check(new)
        assert leases.acquire(account.pk, holder="three", now=LATER) is None
