"""The real gateway at a venue that counts requests: what the broker allows is kept without meeting one 429."""

import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from pytest_django import Settings

from tests.unit.trading.broker import values
from tests.valkey import Valkey
from tests.venue import TOKEN, RunningVenue, account, flat, running_venue
from trading.broker import factory
from trading.broker.gateway import BrokerGateway, BrokerRejected, BrokerUnavailable
from trading.venue.api import Terms

LIMIT = 30
NUMBER = "PA0000001"


@pytest.fixture
def venue(server: Valkey, settings: Settings, django_db_setup: None) -> Iterator[RunningVenue]:
    """Keys, Redis and the database are those of the test; the venue counts in minutes of this machine."""
    keys = values.keys(NUMBER, "")
    opening = account(keys.key.reveal(), keys.secret.reveal(), number=NUMBER)
    terms = Terms(TOKEN, "bars written by a test", trading_limit=LIMIT, data_limit=10_000)
    with running_venue(flat(), terms=terms, accounts=[opening]) as running:
        settings.BROKER_ACCOUNTS = {NUMBER: values.keys(NUMBER, running.url)}
        settings.REDIS_URL = server.url
        yield running
        factory.forget()


def of_another_process() -> BrokerGateway:
    """A gateway that has nothing in common with those before but Redis and the database."""
    factory._safeguards.clear()
    return factory.another(NUMBER)


def refused_after(call: Any, most: int = 100) -> tuple[int, str]:
    """How many calls went out, and why the next one did not."""
    for count in range(most):
        try:
            with suppress(BrokerRejected):
                call()
        except BrokerUnavailable as refusal:
            return count, str(refusal)
    return most, ""


class TestGateway:
    def test_stays_below_the_limit_and_keeps_half_for_cancels(self, venue: RunningVenue) -> None:
        first, second = of_another_process(), of_another_process()
        first.quotes(["AAPL"])

        reads, why = refused_after(first.clock)
        reads_there, why_there = refused_after(second.clock)
        cancels, why_not = refused_after(lambda: second.cancel(str(uuid.uuid4())))

        # The venue's minute may turn meanwhile, which gives as much again.
        assert reads + reads_there <= LIMIT
        assert LIMIT // 2 - 2 <= cancels <= LIMIT
        assert "429" not in why + why_there + why_not
        assert "request budget of 30 a minute" in why
        first.close()
        second.close()

    def test_lets_the_reads_of_a_halt_use_that_half_too(self, venue: RunningVenue) -> None:
        gateway = of_another_process()
        gateway.clock()
        refused_after(gateway.clock)

        with gateway.urgently():
            assert refused_after(gateway.clock, 8) == (8, "")

        gateway.close()

    def test_does_not_take_the_limit_of_prices_for_that_of_orders(self, venue: RunningVenue) -> None:
        gateway = of_another_process()
        gateway.clock()
        gateway.quotes(["AAPL"])

        trading, prices = factory.standings(NUMBER)

        assert (trading.limit, prices.limit) == (LIMIT, 10_000)
        gateway.close()
