"""What a submit reports for each fault of the wire, and that it is sent exactly once whatever happens."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.trading.broker import peer as peers
from tests.unit.trading.broker import values
from tests.unit.trading.broker.peer import Peer, hang_up, raw, reset, says, then_hang_up
from trading.broker import alpaca_http
from trading.broker.alpaca import AlpacaGateway
from trading.broker.credentials import UNPINNED
from trading.broker.gateway import BrokerRejected, BrokerUnavailable, OutcomeUnknown
from trading.choices import OrderStatus

HTML = b"<html><body>502 Bad Gateway</body></html>"
DUPLICATE = says({"code": 40010001, "message": "client_order_id must be unique"}, status="422 No")


class TestSubmit:
    def test_sends_exact_text_and_our_id_once(self, peer: Peer, gateway: AlpacaGateway) -> None:
        peer.will(says(values.order_body()))

        report = gateway.submit(values.new_order())

        sent = json.loads(peer.requests[0].body)
        assert (sent["qty"], sent["limit_price"], sent["client_order_id"]) == ("0.3", "100.10", values.CLIENT_ID)
        assert report.broker_order_id == values.BROKER_ID
        assert peer.count("POST") == 1

    @pytest.mark.parametrize("change", [{"status": "brand_new_word"}, {"status": None}, {"submitted_at": None}])
    def test_keeps_an_order_whose_answer_has_odd_fields(
        self, peer: Peer, gateway: AlpacaGateway, change: dict[str, Any]
    ) -> None:
        peer.will(says(values.order_body(**change)))

        report = gateway.submit(values.new_order())

        assert report.broker_order_id == values.BROKER_ID
        assert report.raw_status == (change.get("status", "accepted") or "")
        assert report.status is (None if "status" in change else OrderStatus.ACCEPTED)

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
    def test_is_rejected_by_a_refusal(self, peer: Peer, gateway: AlpacaGateway, status: int) -> None:
        body = {"code": status * 100_000, "message": "insufficient buying power", "buying_power": "3388.32"}
        peer.will(says(body, status=f"{status} No"))

        with pytest.raises(BrokerRejected, match="insufficient buying power") as caught:
            gateway.submit(values.new_order())

        assert (caught.value.status, caught.value.code) == (status, status * 100_000)
        assert caught.value.extra == {"buying_power": "3388.32"}
        assert peer.count("POST") == 1

    @pytest.mark.parametrize("body", [b"", HTML, b'{"message":"forbidden."}', b"[]", b'"no"'])
    def test_is_rejected_by_the_status_whatever_the_body(self, peer: Peer, gateway: AlpacaGateway, body: bytes) -> None:
        peer.will(raw(body, status="403 Forbidden"))

        with pytest.raises(BrokerRejected):
            gateway.submit(values.new_order())

    def test_is_certainly_not_done_and_named_on_a_rate_limit(self, peer: Peer, gateway: AlpacaGateway) -> None:
        peer.will(says({"code": 42910000, "message": "rate limit exceeded"}, status="429 Too Many Requests"))

        with pytest.raises(BrokerUnavailable, match="429"):
            gateway.submit(values.new_order())

        with pytest.raises(BrokerUnavailable, match="rate limit"):
            gateway.submit(values.new_order())
        assert peer.count("POST") == 1

    @pytest.mark.parametrize("status", [302, 405, 409, 500, 502, 503, 504])
    @pytest.mark.parametrize("body", [b'{"code":50010000,"message":"internal"}', HTML, b""])
    def test_is_unknown_after_any_other_status(
        self, peer: Peer, gateway: AlpacaGateway, status: int, body: bytes
    ) -> None:
        peer.will(raw(body, status=f"{status} Oh"))

        with pytest.raises(OutcomeUnknown):
            gateway.submit(values.new_order())

        assert peer.count("POST") == 1

    @pytest.mark.parametrize(
        "answer",
        [
            raw(b""),
            raw(HTML),
            raw(b'{"id": "904837e3-3b'),
            then_hang_up(raw(b'{"id": "904837e3-3b', length=500)),
            raw(b"null"),
            raw(b"[]"),
            says({"code": 1, "message": "an error dressed as success"}),
            says(values.order_body(client_order_id="somebody-else")),
            reset,
            hang_up,
        ],
        ids=["empty", "html", "truncated", "cut off", "null", "list", "error", "another's order", "reset", "hang-up"],
    )
    def test_is_unknown_after_no_trustworthy_answer(
        self, peer: Peer, gateway: AlpacaGateway, answer: peers.Answer
    ) -> None:
        peer.will(answer)

        with pytest.raises(OutcomeUnknown):
            gateway.submit(values.new_order())

        assert peer.count("POST") == 1

    def test_is_unknown_when_no_answer_comes_in_time(
        self, peer: Peer, gateway: AlpacaGateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(alpaca_http, "READ_SECONDS", 0.2)
        peer.will(peers.silence(peer))

        with pytest.raises(OutcomeUnknown, match="time limit"):
            gateway.submit(values.new_order())

        assert peer.count("POST") == 1

    def test_is_unknown_when_the_answer_never_ends(
        self, peer: Peer, gateway: AlpacaGateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(alpaca_http, "ANSWER_SECONDS", 0.3)
        peer.will(peers.drip(peer))

        with pytest.raises(OutcomeUnknown):
            gateway.submit(values.new_order())

        assert peer.count("POST") == 1

    def test_is_certainly_not_done_when_nobody_listens(self) -> None:
        gateway = AlpacaGateway(values.keys(UNPINNED, f"http://127.0.0.1:{peers.closed_port()}"))

        with pytest.raises(BrokerUnavailable):
            gateway.submit(values.new_order())

    def test_is_not_sent_when_it_cannot_be_written(self, peer: Peer, gateway: AlpacaGateway) -> None:
        naked = replace(values.new_order(), stop_loss_price=values.new_order().limit_price)

        with pytest.raises(BrokerRejected, match="not sent"):
            gateway.submit(naked)

        assert peer.requests == []

    def test_shows_no_key_in_what_it_raises(self, peer: Peer, gateway: AlpacaGateway) -> None:
        peer.will(reset)

        with pytest.raises(OutcomeUnknown) as caught:
            gateway.submit(values.new_order())

        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__
        assert "only-for-tests" not in repr(caught.value)


class TestSubmitOfATakenId:
    def test_adopts_the_order_that_exists(self, peer: Peer, gateway: AlpacaGateway) -> None:
        peer.will(DUPLICATE, says(values.order_body(status="filled", filled_qty="0.3")))

        report = gateway.submit(values.new_order())

        assert report.status is OrderStatus.FILLED
        assert [each.method for each in peer.requests] == ["POST", "GET"]
        assert peer.requests[1].query == {"client_order_id": values.CLIENT_ID}

    @pytest.mark.parametrize("answer", [says({"message": "order not found"}, status="404 No"), reset, raw(HTML)])
    def test_is_unknown_when_that_order_cannot_be_read(
        self, peer: Peer, gateway: AlpacaGateway, answer: peers.Answer
    ) -> None:
        peer.will(DUPLICATE, answer)

        with pytest.raises(OutcomeUnknown, match="it exists"):
            gateway.submit(values.new_order())
