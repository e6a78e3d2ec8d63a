"""Faults of single calls: what leaves the venue, and which of its three errors our gateway makes of it."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests
from alpaca.common.exceptions import APIError
from alpaca.trading.requests import LimitOrderRequest

from tests.contract.venue import faulty
from tests.contract.venue.faulty import NUMBER, planned
from tests.venue import RunningVenue, account, running_venue
from trading.broker import alpaca_http
from trading.broker.alpaca import AlpacaGateway
from trading.broker.gateway import BrokerRejected, BrokerUnavailable, OutcomeUnknown
from trading.venue.api import Terms
from trading.venue.faults.answers import UNKNOWN_STATUS
from trading.venue.faults.plan import When

WITHOUT_ANSWER = [
    ("timeout_before_accept", False, {}),
    ("timeout_after_accept", True, {}),
    ("reset_before_accept", False, {}),
    ("reset_after_accept", True, {}),
    ("redirect", False, {}),
    ("html_body", True, {}),
    ("empty_body", True, {}),
    ("truncated_body", True, {}),
    ("slow_bytes", True, {}),
    *(
        (f"server_error_{when}_accept", when == "after", {"status": status, "body": body})
        for when in ("before", "after")
        for status, body in ((500, "json"), (502, "html"), (503, "empty"), (504, "json"))
    ),
]
"""Each fault that leaves the caller without an answer to trust, and whether the call was carried out."""


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alpaca_http, "READ_SECONDS", 0.2)
    monkeypatch.setattr(alpaca_http, "ANSWER_SECONDS", 0.6)


@pytest.fixture
def gateway(venue: RunningVenue) -> Iterator[AlpacaGateway]:
    with faulty.gateway(venue) as made:
        yield made


class TestASubmit:
    @pytest.mark.parametrize(("name", "accepted", "settings"), WITHOUT_ANSWER)
    def test_without_an_answer_is_unknown_and_its_order_exists_only_where_it_was_accepted(
        self, venue: RunningVenue, gateway: AlpacaGateway, name: str, accepted: bool, settings: dict[str, Any]
    ) -> None:
        planned(venue, name, on=["submit"], **settings)
        order = faulty.new_order()

        with pytest.raises(OutcomeUnknown):
            gateway.submit(order)

        found = gateway.order_by_client_id(order.client_order_id)
        assert (found is not None) is accepted
        assert faulty.hits(venue, name) == 1

    def test_is_refused_where_the_keys_are(self, venue: RunningVenue, gateway: AlpacaGateway) -> None:
        planned(venue, "keys_refused", on=["submit"])

        with pytest.raises(BrokerRejected) as caught:
            gateway.submit(faulty.new_order())

        assert caught.value.status == 401
        assert faulty.known_orders(venue) == []

    @pytest.mark.parametrize("headers", [True, False])
    def test_is_certainly_not_done_beyond_the_rate_limit(
        self, venue: RunningVenue, gateway: AlpacaGateway, headers: bool
    ) -> None:
        planned(venue, "rate_limited", on=["submit"], headers=headers)

        with pytest.raises(BrokerUnavailable, match="429"):
            gateway.submit(faulty.new_order())

        assert faulty.known_orders(venue) == []

    @pytest.mark.parametrize("name", ["unknown_status", "null_fields", "poison_text"])
    def test_with_an_odd_answer_is_kept(self, venue: RunningVenue, gateway: AlpacaGateway, name: str) -> None:
        planned(venue, name, on=["submit"])

        report = gateway.submit(faulty.new_order())

        assert report.broker_order_id == faulty.known_orders(venue)[0].id
        if name == "null_fields":
            assert report.submitted_at is None
        else:
            assert (report.status, "\0" in report.raw_status) == (None, False)

    def test_may_be_answered_late(self, venue: RunningVenue, gateway: AlpacaGateway) -> None:
        planned(venue, "slow_answer", on=["submit"], seconds=timedelta(milliseconds=50))

        assert gateway.submit(faulty.new_order()).broker_order_id

    def test_after_a_lost_answer_is_adopted_when_sent_again(self, venue: RunningVenue, gateway: AlpacaGateway) -> None:
        planned(venue, "reset_after_accept", on=["submit"])
        order = faulty.new_order()
        with pytest.raises(OutcomeUnknown):
            gateway.submit(order)

        report = gateway.submit(order)

        assert [each.id for each in faulty.known_orders(venue)] == [report.broker_order_id]


class TestARead:
    @pytest.mark.parametrize(
        "name", ["timeout_before_accept", "reset_before_accept", "server_error_before_accept", "html_body",
                 "empty_body", "truncated_body", "redirect", "rate_limited"],
    )  # fmt: skip
    def test_is_unavailable(self, venue: RunningVenue, gateway: AlpacaGateway, name: str) -> None:
        planned(venue, name, on=["read"])

        with pytest.raises(BrokerUnavailable):
            gateway.positions()

    def test_of_the_clock_tells_another_time(self, venue: RunningVenue, gateway: AlpacaGateway) -> None:
        true = gateway.clock().at
        planned(venue, "clock_skew")

        assert (gateway.clock().at - true).total_seconds() == 300
        assert gateway.clock().at == true


class TestACancel:
    @pytest.mark.parametrize("name", ["timeout_after_accept", "reset_after_accept", "server_error_after_accept"])
    def test_without_an_answer_is_unknown_and_done(
        self, venue: RunningVenue, gateway: AlpacaGateway, name: str
    ) -> None:
        report = gateway.submit(faulty.new_order())
        planned(venue, name, on=["cancel"])

        with pytest.raises(OutcomeUnknown):
            gateway.cancel(report.broker_order_id)

        assert gateway.order(report.broker_order_id).raw_status == "canceled"  # type: ignore[union-attr]


class TestTheUnmodifiedClient:
    def _submit(self, trading: Any) -> Any:
        return trading.submit_order(
            LimitOrderRequest(symbol="AAPL", qty=1, side="buy", time_in_force="day", limit_price=90)
        )

    def test_sees_the_status(self, venue: RunningVenue, trading: Any) -> None:
        planned(venue, "server_error_after_accept", status=500, body="html")

        with pytest.raises(APIError) as caught:
            self._submit(trading)

        assert caught.value.status_code == 500
        assert len(faulty.known_orders(venue)) == 1

    def test_sees_the_connection_break(self, venue: RunningVenue, trading: Any) -> None:
        planned(venue, "reset_after_accept")

        with pytest.raises(requests.exceptions.ConnectionError, match="reset by peer"):
            self._submit(trading)

    def test_makes_two_attempts_of_one_504_and_meets_its_own_order(self, venue: RunningVenue, trading: Any) -> None:
        trading._retry_wait = 0.01
        planned(venue, "server_error_after_accept", status=504)
        order = LimitOrderRequest(
            symbol="AAPL", qty=1, side="buy", time_in_force="day", limit_price=90, client_order_id="once"
        )

        with pytest.raises(APIError, match="client_order_id must be unique"):
            trading.submit_order(order)

    def test_fails_on_a_status_it_does_not_know_though_the_order_stands(
        self, venue: RunningVenue, trading: Any
    ) -> None:
        planned(venue, "unknown_status")

        with pytest.raises(ValueError, match=UNKNOWN_STATUS):
            self._submit(trading)

        assert len(faulty.known_orders(venue)) == 1


class TestTheRawWire:
    def test_tells_when_to_come_back_or_does_not(self) -> None:
        with running_venue(accounts=[account()], terms=Terms("token")) as venue:
            planned(venue, "rate_limited")
            planned(venue, "rate_limited", headers=False)
            told, untold, served = (faulty.asked(venue, "GET", "/v2/clock") for _ in range(3))

        assert (told.status_code, untold.status_code, served.status_code) == (429, 429, 200)
        assert told.headers["X-RateLimit-Remaining"] == "0"
        assert "X-RateLimit-Reset" not in untold.headers
        assert served.headers["X-RateLimit-Remaining"] == "197"

    def test_strikes_only_the_symbol_account_call_and_occasion_that_were_planned(self) -> None:
        with running_venue(accounts=[account(), account("PKOTHER", "other", number="PA2")]) as venue:
            venue.step()
            once = When(after=1, count=1)
            planned(venue, "keys_refused", on=["submit"], symbols=["MSFT"], accounts=[NUMBER], when=once)
            other = {"APCA-API-KEY-ID": "PKOTHER", "APCA-API-SECRET-KEY": "other"}
            microsoft = {**faulty.ORDER, "symbol": "MSFT"}
            statuses = [
                faulty.asked(venue, "GET", "/v2/orders").status_code,
                faulty.asked(venue, "POST", "/v2/orders", json=faulty.ORDER).status_code,
                faulty.asked(venue, "POST", "/v2/orders", json=microsoft).status_code,
                requests.post(f"{venue.url}/v2/orders", headers=other, json=microsoft, timeout=2).status_code,
                faulty.asked(venue, "POST", "/v2/orders", json=microsoft).status_code,
                faulty.asked(venue, "POST", "/v2/orders", json=microsoft).status_code,
            ]

        assert statuses == [200, 200, 200, 200, 401, 200]

    def test_knows_the_symbol_of_an_order_by_its_id(self, venue: RunningVenue) -> None:
        taken = faulty.asked(venue, "POST", "/v2/orders", json=faulty.ORDER).json()
        planned(venue, "keys_refused", on=["order", "look_up"], symbols=["AAPL"], when=When(count=2))

        by_id = faulty.asked(venue, "GET", f"/v2/orders/{taken['id']}")
        by_client_id = faulty.asked(
            venue, "GET", f"/v2/orders:by_client_order_id?client_order_id={taken['client_order_id']}"
        )

        assert (by_id.status_code, by_client_id.status_code) == (401, 401)

    def test_costs_a_huge_answer_its_last_half(self, venue: RunningVenue) -> None:
        planned(venue, "truncated_body", on=["assets"])

        answer = faulty.asked(venue, "GET", "/v2/assets")

        assert answer.status_code == 200
        with pytest.raises(requests.exceptions.JSONDecodeError):
            answer.json()

    def test_quantity_is_untouched(self, venue: RunningVenue) -> None:
        planned(venue, "poison_text")

        answer = faulty.asked(venue, "POST", "/v2/orders", json=faulty.ORDER).json()

        assert Decimal(answer["qty"]) == 1
        assert "\0" in answer["source"]
