"""The same plan through the in-process gateway: the port's three errors, without a socket."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests import venue as venues
from tests.contract.venue import faulty
from trading.broker.gateway import BrokerRejected, BrokerUnavailable, OrderReport, OutcomeUnknown, Replacement
from trading.broker.in_process import InProcessGateway
from trading.choices import OrderType
from trading.venue.clock import VirtualClock
from trading.venue.exchange import Exchange
from trading.venue.faults import plan
from trading.venue.faults.company import FaultyCompany
from trading.venue.faults.plan import Plan, When
from trading.venue.walk import Close, Minute, Open, Walk


@dataclass
class Rig:
    """An exchange in the first minute of its session, with a plan that is still empty."""

    exchange: Exchange
    clock: VirtualClock
    company: FaultyCompany
    gateway: InProcessGateway
    walk: Walk
    heard: list[OrderReport] = field(default_factory=list)

    def planned(self, name: str, **given: Any) -> None:
        self.company.plan.add([plan.fault(name, **given)])

    def step(self) -> None:
        step = self.walk.upcoming()
        assert isinstance(step, Open | Minute | Close)
        self.clock.jump(step.at)
        match step:
            case Open():
                self.exchange.open_session()
            case Minute(_, bars):
                self.exchange.take_bar(bars)
            case Close():
                self.exchange.close_session()
        self.walk.advance()
        self.company.stepped(step, self.walk.session_index, self.walk.minute_index)


@pytest.fixture
def rig() -> Rig:
    replay = venues.flat(sessions=2)
    clock = VirtualClock(replay.sessions[0].open - timedelta(minutes=30))
    exchange = Exchange(replay.assets, replay.calendar, clock)
    exchange.open_account(faulty.NUMBER)
    company = FaultyCompany(exchange, exchange, Plan(seed=1), clock)
    made = Rig(exchange, clock, company, InProcessGateway(exchange, faulty.NUMBER, clock.now, company), Walk(replay))
    made.step()
    made.step()
    return made


class TestASubmit:
    @pytest.mark.parametrize(
        ("name", "accepted"),
        [
            ("timeout_before_accept", False), ("timeout_after_accept", True),
            ("reset_before_accept", False), ("reset_after_accept", True),
            ("server_error_before_accept", False), ("server_error_after_accept", True),
            ("redirect", False), ("html_body", True), ("empty_body", True), ("truncated_body", True),
            ("slow_bytes", True),
        ],
    )  # fmt: skip
    def test_without_an_answer_is_unknown(self, rig: Rig, name: str, accepted: bool) -> None:
        rig.planned(name, on=["submit"])
        order = faulty.new_order()

        with pytest.raises(OutcomeUnknown):
            rig.gateway.submit(order)

        assert (rig.gateway.order_by_client_id(order.client_order_id) is not None) is accepted

    def test_is_unknown_even_where_the_lost_answer_was_a_refusal(self, rig: Rig) -> None:
        rig.planned("timeout_after_accept", on=["submit"])

        with pytest.raises(OutcomeUnknown):
            rig.gateway.submit(faulty.new_order(symbol="NOPE"))

    def test_is_not_done_beyond_the_limit_or_with_wrong_keys(self, rig: Rig) -> None:
        rig.planned("rate_limited", on=["submit"])
        rig.planned("keys_refused", on=["submit"])

        with pytest.raises(BrokerUnavailable):
            rig.gateway.submit(faulty.new_order())
        with pytest.raises(BrokerRejected):
            rig.gateway.submit(faulty.new_order())

        assert rig.exchange.orders(faulty.NUMBER) == []

    @pytest.mark.parametrize("name", ["unknown_status", "poison_text"])
    def test_with_an_odd_answer_is_kept(self, rig: Rig, name: str) -> None:
        rig.planned(name, on=["submit"])

        report = rig.gateway.submit(faulty.new_order())

        assert (report.status, report.broker_order_id) == (None, rig.exchange.orders(faulty.NUMBER)[0].id)

    def test_of_an_order_that_is_there_and_not_shown_is_unknown(self, rig: Rig) -> None:
        rig.planned("late_visibility", lookups=1)
        order = faulty.new_order()
        rig.gateway.submit(order)

        with pytest.raises(OutcomeUnknown, match="does not show it yet"):
            rig.gateway.submit(order)


class TestAReplacement:
    def test_that_is_refused_and_done_is_found(self, rig: Rig) -> None:
        report = rig.gateway.submit(faulty.new_order())
        rig.planned("replace_refused_yet_done")

        new = rig.gateway.replace(report.broker_order_id, Replacement("another", limit_price=Decimal(91)))

        assert new.replaces == report.broker_order_id


class TestARead:
    @pytest.mark.parametrize("name", ["timeout_before_accept", "rate_limited", "empty_body"])
    def test_is_unavailable(self, rig: Rig, name: str) -> None:
        rig.planned(name, on=["read"])

        with pytest.raises(BrokerUnavailable):
            rig.gateway.positions()

    def test_of_the_clock_is_skewed(self, rig: Rig) -> None:
        rig.planned("clock_skew", seconds=timedelta(seconds=-2))

        assert rig.gateway.clock().at == rig.clock.now() - timedelta(seconds=2)

    @pytest.mark.parametrize(("name", "seen"), [("nan_price", 0), ("negative_price", 0), ("zero_price", 1)])
    def test_of_a_spoiled_quote_is_what_the_wire_would_give(self, rig: Rig, name: str, seen: int) -> None:
        rig.planned(name, on=["quotes"])

        assert len(rig.gateway.quotes(["AAPL"])) == seen
        assert rig.gateway.quotes(["AAPL"])[0].bid == 100


class TestTheStream:
    def test_tells_twice_late_or_not_at_all(self, rig: Rig) -> None:
        unreadable: list[bool] = []
        heard: list[OrderReport] = []
        rig.gateway.listen(heard.append, unreadable=lambda: unreadable.append(True))
        rig.planned("duplicate_event", on=["pending_new"])
        rig.planned("reordered_event", on=["new"])
        rig.planned("event_null_data", on=["fill"], when=When(after=1, count=1))

        for _ in range(2):
            rig.gateway.submit(faulty.new_order(type=OrderType.MARKET, limit_price=None))

        assert [each.event for each in heard] == ["pending_new", "pending_new", "fill", "new", "pending_new", "new"]
        assert unreadable == [True]

    def test_tells_what_was_held_back_with_the_minute(self, rig: Rig) -> None:
        heard: list[OrderReport] = []
        rig.gateway.listen(heard.append)
        rig.planned("reordered_event", on=["new"])
        rig.gateway.submit(faulty.new_order())
        at_once = [each.event for each in heard]

        rig.step()

        assert (at_once, [each.event for each in heard]) == (["pending_new"], ["pending_new", "new"])

    def test_hangs_up(self, rig: Rig) -> None:
        lost: list[bool] = []
        rig.gateway.listen(lambda report: None, hang_up=lambda: lost.append(True))
        rig.planned("dropped_stream")

        rig.gateway.submit(faulty.new_order())

        assert lost == [True]


class TestAScene:
    def test_happens_at_its_minute(self, rig: Rig) -> None:
        rig.planned("manual_order", symbols=["MSFT"], when=When(session=1, minute=3))

        rig.step()
        before = rig.gateway.open_orders() + rig.gateway.orders_since(rig.clock.now() - timedelta(days=1))
        rig.step()
        rig.step()

        assert before == ()
        assert [each.symbol for each in rig.gateway.positions()] == ["MSFT"]
        assert rig.company.plan.controls() == {"F35": 1}
