"""Figures for a monitoring system: closed without a token, and read from rows."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from config.env.secret import Secret
from tests.orderpath import open_account, sent
from trading.choices import OrderStatus
from trading.watching import heartbeats

TOKEN = "a-token-that-is-long-enough-for-a-page"

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(settings: Settings) -> None:
    settings.METRICS_TOKEN = Secret(TOKEN)


def ask(client: Client, token: str = TOKEN) -> list[str]:
    response = client.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 200
    return response.content.decode().splitlines()


class TestMetrics:
    def test_are_closed_without_a_token_in_the_settings(self, client: Client, settings: Settings) -> None:
        settings.METRICS_TOKEN = Secret("")

        response = client.get("/metrics", headers={"Authorization": "Bearer "})

        assert response.status_code == 404
        assert b"METRICS_TOKEN" in response.content

    @pytest.mark.parametrize("sent", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x"])
    @pytest.mark.usefixtures("opened")
    def test_refuse_another_token(self, client: Client, sent: str) -> None:
        response = client.get("/metrics", headers={"Authorization": sent})

        assert response.status_code == 401
        assert b"gatehouse_" not in response.content

    @pytest.mark.usefixtures("opened")
    def test_tell_working_and_unresolved_orders_by_account(self, client: Client) -> None:
        account = open_account()
        sent(account, status=OrderStatus.UNKNOWN)

        told = ask(client)

        assert f'gatehouse_working_orders{{account="{account.number}"}} 1.0' in told
        assert f'gatehouse_unresolved_orders{{account="{account.number}"}} 1.0' in told
        assert "gatehouse_open_halts 0.0" in told

    @pytest.mark.usefixtures("opened")
    def test_tell_how_long_a_process_has_been_silent(self, client: Client) -> None:
        heartbeats.beat("worker", now=timezone.now() - timedelta(seconds=90), worked=True)

        line = next(line for line in ask(client) if line.startswith("gatehouse_heartbeat_age_seconds{"))

        assert 'process="worker"' in line
        assert 90 <= float(line.rsplit(" ", 1)[1]) < 120
