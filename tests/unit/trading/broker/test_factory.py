"""From an account number to its gateway, and what is refused on the way."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pytest_django import Settings

from tests.unit.trading.broker import values
from trading.broker import credentials, factory
from trading.broker.gateway import BrokerGateway

VENUE = values.keys("PA1", "http://127.0.0.1:1")
PAPER = replace(
    VENUE,
    base_url="https://paper-api.alpaca.markets",
    data_url="https://data.alpaca.markets",
    stream_url="wss://paper-api.alpaca.markets/stream",
    data_stream_url="wss://stream.data.alpaca.markets",
)
LIVE = replace(
    PAPER,
    number="412345678",
    kind="live",
    key=values.Secret("AKTESTTESTTEST234567"),
    base_url="https://api.alpaca.markets",
    stream_url="wss://api.alpaca.markets/stream",
)


@pytest.fixture(autouse=True)
def _forgotten(settings: Settings) -> Iterator[None]:
    settings.BROKER_ACCOUNTS = {"PA1": VENUE, "PA2": replace(VENUE, number="PA2")}
    yield
    factory.forget()


class TestCheck:
    @pytest.mark.parametrize("given", [VENUE, PAPER, LIVE, replace(VENUE, kind="live", number="412")])
    def test_accepts_what_belongs_together(self, given: values.Keys) -> None:
        credentials.check(given.number, given)

    @pytest.mark.parametrize(
        ("given", "change"),
        [
            (PAPER, {"kind": "live"}),
            (LIVE, {"kind": "paper"}),
            (PAPER, {"kind": "sandbox"}),
            (PAPER, {"key": LIVE.key}),
            (LIVE, {"key": PAPER.key}),
            (LIVE, {"number": "PA123"}),
            (LIVE, {"number": credentials.UNPINNED}),
            (PAPER, {"base_url": "http://paper-api.alpaca.markets"}),
            (PAPER, {"base_url": "https://paper-api.alpaca.markets.example.com"}),
            (PAPER, {"stream_url": "wss://api.alpaca.markets/stream"}),
            (PAPER, {"stream_url": "ws://paper-api.alpaca.markets/stream"}),
            (PAPER, {"stream_url": "ws://127.0.0.1:9/stream"}),
            (LIVE, {"base_url": "http://127.0.0.1:9"}),
        ],
    )
    def test_refuses_what_does_not(self, given: values.Keys, change: dict[str, Any]) -> None:
        changed = replace(given, **change)

        with pytest.raises(credentials.DoNotBelongTogether) as caught:
            credentials.check(changed.number, changed)

        assert "TESTTEST" not in str(caught.value)


class TestGatewayFor:
    def test_names_the_remedy_for_an_unknown_account(self) -> None:
        with pytest.raises(factory.NoSuchAccount, match="ALPACA_ACCOUNT_NUMBER"):
            factory.gateway_for("PA9")

    def test_refuses_the_keys_of_another_number(self, settings: Settings) -> None:
        settings.BROKER_ACCOUNTS = {"PA7": VENUE}

        with pytest.raises(credentials.DoNotBelongTogether):
            factory.gateway_for("PA7")

    def test_keeps_one_gateway_per_account_and_thread(self) -> None:
        others: list[BrokerGateway] = []
        thread = threading.Thread(target=lambda: others.append(factory.gateway_for("PA1")))
        thread.start()
        thread.join()

        mine = factory.gateway_for("PA1")

        assert mine is factory.gateway_for("PA1")
        assert mine is not others[0]
        assert mine is not factory.gateway_for("PA2")
        others[0].close()
