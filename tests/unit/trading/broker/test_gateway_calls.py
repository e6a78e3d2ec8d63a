"""The adapter's other calls against the scripted peer: reads, cancels, replaces, paging, pinning, connections."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.trading.broker import peer as peers
from tests.unit.trading.broker import values
from tests.unit.trading.broker.peer import Peer, hang_up, raw, reset, says
from trading.broker import alpaca_http
from trading.broker.alpaca import AlpacaGateway
from trading.broker.gateway import BrokerRejected, BrokerUnavailable, OutcomeUnknown, Replacement
from trading.choices import Timeframe

START = datetime(2026, 6, 1, 13, 30, tzinfo=UTC)
NOT_FOUND = says({"code": 40410000, "message": "order not found"}, status="404 No")


def order_at(number: int, **changes: Any) -> dict[str, Any]:
    submitted = (START + timedelta(seconds=number)).isoformat()
    return values.order_body(id=f"id-{number}", client_order_id=f"c-{number}", submitted_at=submitted, **changes)


class TestRead:
    @pytest.mark.parametrize(
        "answer",
        [raw(b""), raw(b"<html>"), raw(b"[]"), raw(b"{", status="500 Oh"), raw(b"", status="504 Oh"), reset, hang_up],
    )
    def test_is_unavailable_after_any_fault(self, peer: Peer, gateway: AlpacaGateway, answer: peers.Answer) -> None:
        peer.will(answer)

        with pytest.raises(BrokerUnavailable):
            gateway.account()

        assert peer.count("GET") == 1

    @pytest.mark.parametrize("silence", [raw(b""), raw(b"null")])
    @pytest.mark.parametrize("list_of", ["positions", "open_orders"])
    def test_takes_no_silence_for_an_empty_list(
        self, peer: Peer, gateway: AlpacaGateway, list_of: str, silence: peers.Answer
    ) -> None:
        peer.will(silence)

        with pytest.raises(BrokerUnavailable, match="could not be read"):
            getattr(gateway, list_of)()

    def test_is_rejected_when_the_keys_are(self, peer: Peer, gateway: AlpacaGateway) -> None:
        peer.will(says({"message": "unauthorized."}, status="401 No"))

        with pytest.raises(BrokerRejected, match="unauthorized") as caught:
            gateway.positions()

        assert caught.value.code is None

    def test_stops_asking_after_failures_in_a_row(self, peer: Peer, gateway: AlpacaGateway) -> None:
        peer.will(raw(b"", status="503 Oh"))

        for _ in range(8):
            with pytest.raises(BrokerUnavailable):
                gateway.clock()

        assert peer.count("GET") == 5


class TestCancel:
    def test_takes_an_empty_answer_for_a_yes(self, peer: Peer, gateway: AlpacaGateway) -> None:
        peer.will(lambda sock: sock.sendall(b"HTTP/1.1 204 No Content\r\n\r\n"))

        gateway.cancel(values.BROKER_ID)

        assert peer.requests[0].path == f"/v2/orders/{values.BROKER_ID}"

    @pytest.mark.parametrize("nameless", ["", ".", "..", " "])
    def test_never_becomes_a_cancel_all(self, peer: Peer, gateway: AlpacaGateway, nameless: str) -> None:
        with pytest.raises(BrokerRejected, match="names no order"):
            gateway.cancel(nameless)

        assert peer.requests == []

    def test_is_unknown_when_the_connection_breaks(self, peer: Peer, gateway: AlpacaGateway) -> None:
        peer.will(reset)

        with pytest.raises(OutcomeUnknown):
            gateway.cancel(values.BROKER_ID)

        assert peer.count("DELETE") == 1


class TestCancelAll:
    @pytest.mark.parametrize("silence", [raw(b"", status="207 Multi"), raw(b"", status="204 No"), raw(b"null")])
    def test_is_unknown_when_no_line_tells_of_any_order(
        self, peer: Peer, gateway: AlpacaGateway, silence: peers.Answer
    ) -> None:
        """Taken for an empty list it would say that nothing was open."""
        peer.will(silence)

        with pytest.raises(OutcomeUnknown, match="could not be read"):
            gateway.cancel_all()

        assert peer.count("DELETE") == 1

    def test_believes_that_nothing_was_open_when_told(self, peer: Peer, gateway: AlpacaGateway) -> None:
        peer.will(says([], status="207 Multi"))

        assert gateway.cancel_all() == ()


class TestReplace:
    REFUSED = {"code": 42210000, "message": "unable to replace order, order isn't sent to exchange yet"}  # noqa: RUF012
    CHANGE = Replacement("new-id", limit_price=Decimal(2))

    def test_finds_out_that_a_refused_replacement_took_effect(self, peer: Peer, gateway: AlpacaGateway) -> None:
        new = says(values.order_body(id="new", client_order_id="new-id"))
        peer.will(says(self.REFUSED, status="422 No"), new, says(values.order_body(replaced_by="new")))

        assert gateway.replace("old", self.CHANGE).broker_order_id == "new"

    def test_is_refused_when_the_old_order_is_untouched(self, peer: Peer, gateway: AlpacaGateway) -> None:
        peer.will(says(self.REFUSED, status="422 No"), NOT_FOUND, says(values.order_body()))

        with pytest.raises(BrokerRejected):
            gateway.replace("old", self.CHANGE)

    @pytest.mark.parametrize("old", [{"status": "pending_replace"}, {"status": None}, {"replaced_by": "x"}])
    def test_is_unknown_when_the_old_order_is_not(
        self, peer: Peer, gateway: AlpacaGateway, old: dict[str, Any]
    ) -> None:
        peer.will(says(self.REFUSED, status="422 No"), NOT_FOUND, says(values.order_body(**old)))

        with pytest.raises(OutcomeUnknown):
            gateway.replace("old", self.CHANGE)


class TestSuspend:
    def test_believes_only_an_answer_that_says_so(self, peer: Peer, gateway: AlpacaGateway) -> None:
        peer.will(says({"suspend_trade": False}))

        with pytest.raises(OutcomeUnknown, match="suspend_trade"):
            gateway.suspend(suspended=True)

        assert json.loads(peer.requests[0].body) == {"suspend_trade": True}


class TestOpenOrders:
    def test_steps_through_pages_without_losing_or_doubling(self, peer: Peer, gateway: AlpacaGateway) -> None:
        first = [order_at(number) for number in range(999, 499, -1)]
        second = [order_at(number) for number in range(500, 480, -1)]
        peer.will(says(first), says(second))

        seen = [report.broker_order_id for report in gateway.open_orders()]

        assert seen == [f"id-{number}" for number in range(999, 480, -1)]
        assert peer.requests[0].query["nested"] == "true"
        assert peer.requests[1].query["until"] == "2026-06-01T13:38:20.000001Z"

    def test_goes_on_by_id_when_a_page_is_all_of_one_instant(self, peer: Peer, gateway: AlpacaGateway) -> None:
        page = [order_at(0) | {"id": f"id-{number}"} for number in range(500)]
        peer.will(says(page), says(page), says([order_at(0) | {"id": "last"}]))

        seen = gateway.open_orders()

        assert len(seen) == 501
        assert peer.requests[2].query["before_order_id"] == "id-499"

    def test_gives_up_on_a_broker_that_repeats_itself(self, peer: Peer, gateway: AlpacaGateway) -> None:
        peer.will(says([order_at(0) | {"id": f"id-{number}"} for number in range(500)]))

        with pytest.raises(BrokerUnavailable, match="repeats"):
            gateway.open_orders()

    def test_fails_rather_than_show_a_list_with_a_hole(self, peer: Peer, gateway: AlpacaGateway) -> None:
        peer.will(says([order_at(1), None]))

        with pytest.raises(BrokerUnavailable):
            gateway.open_orders()


class TestBars:
    def test_end_when_the_page_token_is_repeated(self, peer: Peer, gateway: AlpacaGateway) -> None:
        bar = {"t": START.isoformat(), "o": 1.1, "h": 1.1, "l": 1.1, "c": 1.1, "v": 3}
        peer.will(says({"bars": {"AAPL": [bar]}, "next_page_token": "again"}))

        bars = gateway.bars(["AAPL"], Timeframe.MINUTE, START, START)

        assert peer.count("GET") == 2
        assert bars[0].close == Decimal("1.1")
        assert peer.requests[1].query["page_token"] == "again"
        assert peer.requests[0].query["feed"] == "iex"


class TestPinning:
    def test_sends_no_order_with_another_accounts_keys(self, peer: Peer) -> None:
        gateway = AlpacaGateway(values.keys("PA1MINE", peer.url))
        peer.will(says(values.account_body("PA2THEIRS")))

        with pytest.raises(BrokerRejected, match="PA2THEIRS"):
            gateway.submit(values.new_order())

        assert peer.count("POST") == 0
        gateway.close()

    def test_asks_once_for_the_number(self, peer: Peer) -> None:
        gateway = AlpacaGateway(values.keys("PA1MINE", peer.url))
        peer.will(says(values.account_body("PA1MINE")), says(values.order_body()))

        gateway.submit(values.new_order())
        gateway.submit(values.new_order())

        assert [request.method for request in peer.requests] == ["GET", "POST", "POST"]
        gateway.close()


class TestConnection:
    def test_is_kept_between_calls(self, peer: Peer, gateway: AlpacaGateway) -> None:
        sockets = set()

        def answer(sock: Any) -> None:
            sockets.add(sock.getpeername())
            says(values.order_body())(sock)

        peer.will(answer)
        for _ in range(3):
            gateway.submit(values.new_order())

        assert len(sockets) == 1

    def test_is_not_used_again_after_a_rest(
        self, peer: Peer, gateway: AlpacaGateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sockets = set()

        def answer(sock: Any) -> None:
            sockets.add(sock.getpeername())
            says(values.order_body())(sock)

        peer.will(answer)
        gateway.submit(values.new_order())
        monkeypatch.setattr(alpaca_http, "IDLE_SECONDS", -1.0)
        gateway.submit(values.new_order())

        assert len(sockets) == 2
