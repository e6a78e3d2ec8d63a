"""The one transaction of a decision: what is approved is saved as sent in it, and a halt is before or after it."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from audit.models import AuditEvent
from risk import halts
from tests.integration.trading import crowd
from tests.integration.trading.threads import in_thread, until
from tests.orderpath import raising, report
from trading import leases, orders
from trading.broker.gateway import NewOrder, OrderReport
from trading.choices import OrderStatus
from trading.models import Account, Instrument, Order, OrderIntent, Strategy
from trading.proposing import decisions, guarding
from trading.targets import Target

pytestmark = pytest.mark.django_db(transaction=True)

HANDS = 6
ROUNDS, ORDERS = 3, 8


@pytest.fixture
def rows() -> dict[str, Instrument]:
    return crowd.market()


def engage(account: Account) -> None:
    halts.engage(
        level="H1", scope_kind="account", scope_key=account.number, reason="stop", by="ann", now=datetime.now(UTC)
    )


def a_lock_is_waited_for() -> bool:
    """Whether somebody stands before the halt latch."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)")
        return bool(cursor.fetchone()[0])


class TestDecide:
    def test_saves_what_it_approves_as_sent(self, rows: dict[str, Instrument]) -> None:
        account = crowd.furnished("PA1")
        lease = crowd.leased(account)

        decided = crowd.decide(crowd.entry(account, rows["S00"]), lease)

        order, going = Order.objects.get(), decided.going
        assert going is not None
        assert (order.status, order.submitted_at) == ("submitted", going.looked_at)
        assert (order.client_order_id, order.intent_id) == (going.wire.client_order_id, decided.intent.pk)
        assert (order.quantity, order.limit_price) == (going.wire.quantity, going.wire.limit_price)
        told = AuditEvent.objects.filter(event__in=("intent.approved", "order.submitted")).order_by("pk")
        assert [(each.event, each.intent) for each in told] == [
            ("intent.approved", str(order.intent_id)),
            ("order.submitted", str(order.intent_id)),
        ]

    def test_has_nothing_to_send_under_a_halt(self, rows: dict[str, Instrument]) -> None:
        account = crowd.furnished("PA1")
        engage(account)

        decided = crowd.decide(crowd.entry(account, rows["S00"]), crowd.leased(account))

        assert decided.going is None
        assert "Halted (H1" in decided.intent.denial_sentence
        assert not Order.objects.exists()

    def test_writes_nothing_under_a_lease_that_was_taken_over(self, rows: dict[str, Instrument]) -> None:
        account = crowd.furnished("PA1")
        old = crowd.leased(account)
        leases.acquire(account.pk, holder="other", now=datetime.now(UTC) + leases.LEASE)

        with pytest.raises(leases.Fenced):
            crowd.decide(crowd.entry(account, rows["S00"]), old)

        assert not OrderIntent.objects.exists()

    def test_writes_nothing_that_cannot_be_put_on_the_wire(
        self, rows: dict[str, Instrument], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        account = crowd.furnished("PA1")
        monkeypatch.setattr(orders.Proposal, "wire", raising(TypeError("a bug")))

        with pytest.raises(TypeError):
            crowd.decide(crowd.entry(account, rows["S00"]), crowd.leased(account))

        assert not OrderIntent.objects.exists()

    def test_makes_one_order_of_one_signal_whoever_decides(self, rows: dict[str, Instrument]) -> None:
        now = datetime.now(UTC)
        account = crowd.furnished("PA1")
        strategy = Strategy.objects.create(
            account=account, name="crowd", rule="breakout", risk_fraction="0.001", created_at=now
        )
        target = Target("S00", "long", Decimal(1), "test", Decimal("0.02"), Decimal("0.04"))
        signal = orders.record_signal(strategy, rows["S00"], target, bar_at=crowd.AT, now=now)
        lease, start = crowd.leased(account), threading.Barrier(HANDS)

        def one(hand: int) -> bool:
            proposal = crowd.entry(account, rows["S00"], strategy=strategy, signal=signal, quantity=1 + hand)
            start.wait(20)
            return crowd.decide(proposal, lease).going is not None

        with ThreadPoolExecutor(HANDS) as hands:
            sent = list(hands.map(in_thread(one), range(HANDS)))

        assert (sent.count(True), Order.objects.count()) == (1, 1)


class TestDecideTogether:
    @pytest.mark.parametrize(("pause", "looks"), [(0.25, 1), (0.26, 3)])
    def test_looks_once_for_all_unless_it_took_too_long(
        self, rows: dict[str, Instrument], monkeypatch: pytest.MonkeyPatch, pause: float, looks: int
    ) -> None:
        """Two pauses lie between the looks of three; half a second may."""
        account = crowd.furnished("PA1")
        proposals = [crowd.entry(account, rows[f"S{each:02d}"]) for each in range(3)]
        lease, began, ticks = crowd.leased(account), datetime.now(UTC), itertools.count()
        monkeypatch.setattr(leases.Lease, "clock", lambda _: began + timedelta(seconds=pause * next(ticks)))

        decided = decisions.decide_together(proposals, crowd.moment(lease))

        assert len({each.going.looked_at for each in decided if each.going is not None}) == looks


class TestCarryOut:
    def test_has_committed_what_leaves(self, rows: dict[str, Instrument]) -> None:
        account = crowd.furnished("PA1")
        wire = Wire()

        guarding.carry_out(
            [crowd.entry(account, rows["S00"]), crowd.entry(account, rows["S01"])],
            wire,  # type: ignore[arg-type]
            crowd.moment(crowd.leased(account)),
        )

        assert wire.seen == [(False, "submitted")] * 2


class Wire:
    """Notes of each order whether a transaction was open when it left, and how it stood in the books."""

    def __init__(self) -> None:
        self.seen: list[tuple[bool, str]] = []

    def submit(self, order: NewOrder) -> OrderReport:
        row = Order.objects.get(client_order_id=order.client_order_id)
        self.seen.append((connection.in_atomic_block, row.status))
        return report(row, OrderStatus.ACCEPTED)


class TestAHalt:
    def test_lets_nothing_be_saved_as_sent_once_it_is_engaged(self, rows: dict[str, Instrument]) -> None:
        saved = 0
        with crowd.roomy():
            for number in range(ROUNDS):
                saved += self._late(crowd.furnished(f"PA{number}"), rows, at=number)

        assert saved == 0

    def _late(self, account: Account, rows: dict[str, Instrument], at: int) -> int:
        """Orders that were saved after `engage` had returned, which comes when so many stand there."""
        lease, begun = crowd.leased(account), threading.Event()

        def work() -> None:
            for index in range(ORDERS):
                crowd.decide(crowd.entry(account, rows[f"S{index:02d}"]), lease)
                if index == at:
                    begun.set()

        with ThreadPoolExecutor(1) as worker:
            working = worker.submit(in_thread(work))
            assert begun.wait(20)
            engage(account)
            seen = Order.objects.filter(account=account).count()
            working.result(20)
        assert at < seen < ORDERS
        return Order.objects.filter(account=account).count() - seen

    def test_waits_for_a_decision_that_has_looked_before_it(
        self, rows: dict[str, Instrument], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The race itself: the latch is read as open, then the halt comes, then the order is committed."""
        account = crowd.furnished("PA1")
        lease, looked, returned = crowd.leased(account), threading.Event(), threading.Event()
        real, at_commit = orders.record_decision, []

        def slow(*args: object, **kwargs: object) -> orders.Decided:
            looked.set()
            until(lambda: a_lock_is_waited_for() or returned.is_set())
            decided = real(*args, **kwargs)  # type: ignore[arg-type]
            at_commit.append(returned.is_set())
            return decided

        monkeypatch.setattr(orders, "record_decision", slow)
        with ThreadPoolExecutor(1) as worker:
            deciding = worker.submit(in_thread(crowd.decide), crowd.entry(account, rows["S00"]), lease)
            assert looked.wait(20)
            engage(account)
            returned.set()
            seen = Order.objects.filter(account=account).count()
            deciding.result(20)

        assert (at_commit, seen) == ([False], 1)

    def test_that_was_waited_for_is_seen_by_the_look(self, rows: dict[str, Instrument]) -> None:
        """The look is younger than the lock: a decision that waited for the halt's commit finds the halt."""
        account = crowd.furnished("PA1")
        lease, started = crowd.leased(account), threading.Event()

        def decide() -> bool:
            started.set()
            return crowd.decide(crowd.entry(account, rows["S00"]), lease).going is None

        with ThreadPoolExecutor(1) as worker:
            with crowd.halting(account):
                deciding = worker.submit(in_thread(decide))
                assert started.wait(20)
                until(a_lock_is_waited_for)
                assert not deciding.done()
            assert deciding.result(20)
