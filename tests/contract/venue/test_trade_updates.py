"""The trade_updates stream, heard by Alpaca's unmodified stream client and by raw sockets."""

import asyncio
import json
from typing import Any

import pytest
from alpaca.trading import enums, requests
from websockets.asyncio.client import ClientConnection, connect

from tests.contract.venue import clients, listening
from tests.venue import RunningVenue, account, flat, running_venue
from trading.venue.api import Terms

BUY, DAY = enums.OrderSide.BUY, enums.TimeInForce.DAY


def _limit(price: float, qty: float = 5) -> requests.LimitOrderRequest:
    return requests.LimitOrderRequest(symbol="AAPL", qty=qty, side=BUY, time_in_force=DAY, limit_price=price)


class TestTradeUpdates:
    def test_tells_an_order_from_new_to_fill(self, venue: RunningVenue, trading: Any) -> None:
        with listening.trade_updates(venue) as heard:
            sent = trading.submit_order(_limit(101))
            told = heard.take(3)

        assert [each.event for each in told] == ["pending_new", "new", "fill"]
        assert {each.order.id for each in told} == {sent.id}
        assert [each.execution_id is None for each in told] == [True, False, False]
        assert (told[2].qty, told[2].price, told[2].position_qty) == (5, 100.01, 5)
        assert told[2].order.status == enums.OrderStatus.FILLED

    def test_tells_each_partial_fill_with_its_own_and_the_orders_figures(self) -> None:
        # A tenth of each minute's 1000 shares can fill here: 100 at once, 100 with the next minute, 50 with the third.
        with running_venue(flat(volume=1000)) as venue, listening.trade_updates(venue) as heard:
            venue.step()
            trading = clients.trading(venue)
            trading.submit_order(_limit(100.05, qty=250))
            venue.step()
            venue.step()
            fills = [each for each in heard.take(5) if "fill" in each.event]

        assert [each.event for each in fills] == ["partial_fill", "partial_fill", "fill"]
        assert [each.qty for each in fills] == [100, 100, 50]
        assert [each.order.filled_qty for each in fills] == ["100", "200", "250"]
        assert [each.position_qty for each in fills] == [100, 200, 250]

    def test_tells_a_cancel_and_both_sides_of_a_replace(self, venue: RunningVenue, trading: Any) -> None:
        with listening.trade_updates(venue) as heard:
            old = trading.submit_order(_limit(80))
            new = trading.replace_order_by_id(old.id, requests.ReplaceOrderRequest(limit_price=81))
            trading.cancel_order_by_id(new.id)
            told: list[Any] = []
            while not told or told[-1].event != "canceled":
                told.append(heard.next())

        replaced = next(each for each in told if each.event == "replaced")
        assert replaced.order.id == old.id
        assert replaced.order.replaced_by == new.id
        assert told[-1].order.id == new.id

    def test_tells_each_account_only_its_own(self) -> None:
        both = [account(), account("PKOTHER", "other", number="PA2")]
        with (
            running_venue(accounts=both) as venue,
            listening.trade_updates(venue) as mine,
            listening.trade_updates(venue, key="PKOTHER", secret="other") as theirs,
        ):
            venue.step()
            sent = clients.trading(venue).submit_order(_limit(80))
            assert mine.next().order.id == sent.id
            other = clients.trading(venue, "PKOTHER", "other").submit_order(_limit(80))
            assert theirs.next().order.id == other.id

            assert {each.order.id for each in mine.rest()} <= {sent.id}

    def test_tells_every_connection_of_an_account(self, venue: RunningVenue, trading: Any) -> None:
        with listening.trade_updates(venue) as first, listening.trade_updates(venue) as second:
            trading.submit_order(_limit(80))

            assert first.next().event == second.next().event == "pending_new"


async def _say(socket: ClientConnection, message: dict[str, Any]) -> tuple[type, dict[str, Any]]:
    await socket.send(json.dumps(message))
    answer = await asyncio.wait_for(socket.recv(), listening.PATIENCE)
    return type(answer), json.loads(answer)


class TestHandshake:
    @pytest.mark.parametrize(
        "message",
        [
            {"action": "authenticate", "data": {"key_id": "PKTEST", "secret_key": "secret"}},
            {"action": "auth", "key": "PKTEST", "secret": "secret"},
        ],
        ids=["authenticate", "auth"],
    )
    async def test_takes_both_forms_and_answers_json_in_binary_frames(
        self, venue: RunningVenue, message: dict[str, Any]
    ) -> None:
        async with connect(venue.stream_url) as socket:
            frame, answer = await _say(socket, message)
            _, listens = await _say(socket, {"action": "listen", "data": {"streams": ["trade_updates"]}})

        assert frame is bytes
        assert answer["stream"] == "authorization"
        assert answer["data"] == {"status": "authorized", "action": "authenticate"}
        assert listens == {"stream": "listening", "data": {"streams": ["trade_updates"]}}

    async def test_refuses_wrong_keys_and_listening_without_any(self, venue: RunningVenue) -> None:
        async with connect(venue.stream_url) as socket:
            _, early = await _say(socket, {"action": "listen", "data": {"streams": ["trade_updates"]}})
            _, wrong = await _say(socket, {"action": "auth", "key": "PKTEST", "secret": "wrong"})

        assert early["data"] == {"status": "unauthorized", "action": "listen"}
        assert wrong["data"] == {"status": "unauthorized", "action": "authenticate"}

    async def test_survives_what_is_not_a_message(self, venue: RunningVenue) -> None:
        async with connect(venue.stream_url) as socket:
            for rubbish in ("not json", "[]", b"\xff\x00", '{"action": "dance"}'):
                await socket.send(rubbish)
                answer = json.loads(await asyncio.wait_for(socket.recv(), listening.PATIENCE))
                assert answer["action"] == "error"
            _, answer = await _say(socket, {"action": "auth", "key": "PKTEST", "secret": "secret"})

        assert answer["data"]["status"] == "authorized"

    async def test_refuses_one_connection_too_many_where_a_limit_is_set(self) -> None:
        keys = {"action": "auth", "key": "PKTEST", "secret": "secret"}
        with running_venue(terms=Terms("token", connections_per_account=1)) as venue:
            async with connect(venue.stream_url) as first, connect(venue.stream_url) as second:
                await _say(first, keys)
                _, refused = await _say(second, keys)

        assert refused == {"action": "error", "data": {"error_message": "connection limit exceeded"}}
