"""The request limit and the breakers as a person sees them."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tests import desk
from tests.unit.trading.broker import values
from trading.broker import factory
from trading.broker.breaker import TRIPS_AFTER, Group


@pytest.fixture
def reached(scene: desk.Scene, settings: Settings) -> Iterator[desk.Scene]:
    """The desk with keys for its account, at a venue where nothing listens."""
    number = scene.account.number
    settings.BROKER_ACCOUNTS = {number: values.keys(number, "http://127.0.0.1:1")}
    yield scene
    factory.forget()


class TestCalls:
    def test_stand_at_the_foot_of_every_page(self, reached: desk.Scene, operator: Client) -> None:
        page = operator.get(reverse("desk")).content.decode()

        assert "broker calls<span>no limit told</span>" in page

    def test_are_told_of_when_they_are_held_back(self, reached: desk.Scene, operator: Client) -> None:
        safeguards = factory._safeguards_of(reached.account.number, "http://127.0.0.1:1")
        for _ in range(TRIPS_AFTER + 10):  # each further one doubles the pause: a slow machine too sees it
            safeguards.failed(Group.SUBMIT, {})

        page = operator.get(reverse("reconciliation")).content.decode()

        assert "Sending orders: open, next try in" in page
        assert "group of calls held back" in page
        safeguards.answered(Group.SUBMIT, {})
        assert "Sending orders" not in operator.get(reverse("reconciliation")).content.decode()

    def test_are_left_out_where_no_keys_are_configured(self, scene: desk.Scene, operator: Client) -> None:
        assert "broker calls" not in operator.get(reverse("desk")).content.decode()
        assert "No keys are configured" in operator.get(reverse("reconciliation")).content.decode()
