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
