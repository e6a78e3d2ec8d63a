"""Health answers machines: alive, and able to work; no detail, no secret."""

import pytest
from django.test import Client
from pytest_django import Settings


class TestLive:
    def test_answers_without_any_service(self, client: Client) -> None:
        response = client.get("/health/live")

        assert response.status_code == 200
        assert response.json() == {"status": "ok", "mode": "paper", "build": "test"}
        assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
class TestReady:
    def test_answers_when_database_and_queue_do(self, client: Client) -> None:
        response = client.get("/health/ready")

        assert response.status_code == 200
        assert response.json() == {"status": "ok", "mode": "paper", "database": "ok", "redis": "ok"}

    def test_says_which_service_is_away_and_not_where_it_is(self, client: Client, settings: Settings) -> None:
        settings.REDIS_URL = "redis://:hunter2@127.0.0.1:1/0"

        response = client.get("/health/ready")

        assert response.status_code == 503
        assert response.json() == {"status": "unavailable", "mode": "paper", "database": "ok", "redis": "unreachable"}

    def test_is_read_only(self, client: Client) -> None:
        assert client.post("/health/ready").status_code == 405
