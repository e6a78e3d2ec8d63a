"""Faults of the two websockets, heard through our own listener and through Alpaca's."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from tests.contract.venue import clients, faulty, listening
from tests.contract.venue.faulty import planned
from tests.unit.trading.broker import values
from tests.venue import RunningVenue
from trading.broker.gateway import OrderReport
from trading.broker.market_stream import MarketStream
from trading.broker.stream_link import Connected, Disconnected, Patience, Silent, Unreadable
from trading.broker.updates import TradeUpdates
from trading.venue.faults.plan import When

PATIENCE = Patience(connect=1, admission=0.2, close=0.1, silence=0.15, first_retry=0.01, longest_retry=0.02,
                    crowded_retry=0.03)  # fmt: skip


@dataclass
class Ear:
    """What one listener heard until it had heard enough."""

    items: list[Any] = field(default_factory=list)

    def events(self) -> list[str]:
        return [each.event for each in self.items if isinstance(each, OrderReport)]

    def connections(self) -> int:
        return sum(isinstance(each, Connected) for each in self.items)


def _hear(venue: RunningVenue, enough: Callable[[Ear], bool], act: Callable[[], Any] = lambda: None) -> Ear:
    """Listen, act once admitted, and go on listening until it is enough."""
    keys = values.keys(faulty.NUMBER, venue.url, key=clients.KEY, secret=clients.SECRET)
    ear = Ear()

    async def listen() -> None:
        heard = TradeUpdates(keys, PATIENCE).listen()
        acting: asyncio.Task[Any] | None = None
        async with asyncio.timeout(10):
            async for item in heard:
                ear.items.append(item)
                if isinstance(item, Connected) and acting is None:
                    acting = asyncio.create_task(asyncio.to_thread(act))
                if enough(ear):
                    break
        await heard.aclose()
        if acting is not None:
            await acting

    asyncio.run(listen())
    return ear


def _buy(venue: RunningVenue) -> Callable[[], Any]:
    """A market order, whose three events are pending_new, new and fill; and a minute after it."""
    body = {**faulty.ORDER, "type": "market", "limit_price": None}

    def act() -> None:
        assert faulty.asked(venue, "POST", "/v2/orders", json=body).status_code == 200
        venue.step()

    return act


def _silent(ear: Ear) -> bool:
    return isinstance(ear.items[-1], Silent)


class TestEvents:
    @pytest.mark.parametrize(
        ("name", "on", "heard"),
        [
            ("duplicate_event", ["fill"], ["pending_new", "new", "fill", "fill"]),
            ("replayed_events", ["fill"], ["pending_new", "new", "fill", "pending_new", "new", "fill"]),
            ("reordered_event", ["new"], ["pending_new", "fill", "new"]),
            ("reordered_event", ["fill"], ["pending_new", "new", "fill"]),
            ("dropped_event", ["new"], ["pending_new", "fill"]),
            ("mute_stream", ["new"], ["pending_new"]),
            ("unknown_event", ["fill"], ["pending_new", "new", "brand_new_event"]),
        ],
    )
    def test_can_come_twice_late_strange_or_not_at_all(
        self, venue: RunningVenue, name: str, on: list[str], heard: list[str]
    ) -> None:
        planned(venue, name, on=on)

        ear = _hear(venue, lambda ear: len(ear.events()) >= len(heard) and _silent(ear), _buy(venue))

        assert ear.events() == heard
        assert faulty.hits(venue, name) == 1

    def test_can_stay_unsaid_for_a_while_on_a_living_connection(self, venue: RunningVenue) -> None:
        planned(venue, "mute_stream", on=["pending_new"], events=2)

        ear = _hear(venue, lambda ear: len(ear.events()) == 1, _buy(venue))

        assert (ear.events(), ear.connections()) == (["fill"], 1)

    @pytest.mark.parametrize("name", ["event_unknown_status", "event_poison_text"])
    def test_with_an_unreadable_status_are_kept(self, venue: RunningVenue, name: str) -> None:
        planned(venue, name, on=["fill"])

        ear = _hear(venue, lambda ear: len(ear.events()) == 3, _buy(venue))

        assert (ear.items[-1].status, ear.items[-1].filled_quantity) == (None, 1)
        assert "\0" not in ear.items[-1].raw_status

    def test_without_data_are_told_as_unreadable(self, venue: RunningVenue) -> None:
        planned(venue, "event_null_data", on=["fill"])

        ear = _hear(venue, lambda ear: isinstance(ear.items[-1], Unreadable), _buy(venue))

        assert ear.events() == ["pending_new", "new"]

    def test_with_nulls_are_kept(self, venue: RunningVenue) -> None:
        planned(venue, "event_null_fields", on=["fill"])

        ear = _hear(venue, lambda ear: len(ear.events()) == 3, _buy(venue))

        assert (ear.items[-1].execution, ear.items[-1].broker_order_id != "") == (None, True)

    def test_are_lost_on_alpacas_own_client_where_a_status_is_unknown(self, venue: RunningVenue, trading: Any) -> None:
        planned(venue, "event_unknown_status", on=["new"])

        with listening.trade_updates(venue) as heard:
            _buy(venue)()
            told = [each.event for each in heard.take(2)]

        assert told == ["pending_new", "fill"]


class TestTheStream:
    @pytest.mark.parametrize("name", ["dropped_stream", "stream_error"])
    def test_can_end_and_lose_the_event(self, venue: RunningVenue, name: str) -> None:
        planned(venue, name, on=["new"])

        ear = _hear(venue, lambda ear: ear.connections() == 2, _buy(venue))

        assert ear.events() == ["pending_new"]
        assert any(isinstance(each, Disconnected) for each in ear.items)

    def test_speaks_again_when_faults_are_lifted(self, venue: RunningVenue) -> None:
        planned(venue, "mute_stream", on=["pending_new"])

        def act() -> None:
            _buy(venue)()
            requests.delete(f"{venue.url}/venue/faults", headers=venue.control_headers, timeout=2)
            _buy(venue)()

        ear = _hear(venue, lambda ear: len(ear.events()) == 3, act)

        assert ear.events() == ["pending_new", "new", "fill"]


class TestTheDoor:
    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("auth_silence", "no answer to authentication"),
            ("auth_refused", "refused these keys"),
            ("connection_limit", "connection limit exceeded"),
            ("handshake_refused", "status 429"),
            ("listen_ignored", "does not let us listen"),
        ],
    )
    def test_stays_shut_once_and_then_opens(self, venue: RunningVenue, name: str, reason: str) -> None:
        planned(venue, name, on=["updates"])

        ear = _hear(venue, lambda ear: ear.connections() == 1)

        assert isinstance(ear.items[0], Disconnected)
        assert reason in ear.items[0].reason
        crowded = name in {"connection_limit", "handshake_refused"}
        assert (ear.items[0].retry_in == PATIENCE.crowded_retry) is crowded

    @pytest.mark.parametrize("name", ["auth_silence", "auth_refused", "connection_limit", "handshake_refused"])
    def test_of_market_data_stays_shut_once_and_then_opens(self, venue: RunningVenue, name: str) -> None:
        planned(venue, name, on=["data"])
        keys = values.keys(faulty.NUMBER, venue.url, key=clients.KEY, secret=clients.SECRET)
        told: list[Any] = []

        async def listen() -> None:
            heard = MarketStream(keys, ["AAPL"], feed="iex", patience=PATIENCE).listen()
            async with asyncio.timeout(10):
                async for item in heard:
                    told.append(item)
                    if isinstance(item, Connected):
                        break
            await heard.aclose()

        asyncio.run(listen())

        assert [type(each) for each in told] == [Disconnected, Connected]

    def test_opens_for_those_who_are_not_meant(self, venue: RunningVenue) -> None:
        planned(venue, "auth_refused", on=["updates"], accounts=["PA9"], when=When(count=1))

        assert _hear(venue, lambda ear: True).connections() == 1
