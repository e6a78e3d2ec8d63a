"""Every page opens for who may see it, says what it should, and asks the database a bounded number of times."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from tests import desk

PAGES = ("desk", "blotter", "positions", "risk", "requests", "reconciliation", "preflight", "reports", "audit")


class TestPages:
    @pytest.mark.parametrize("name", PAGES)
    def test_open_for_an_operator(self, operator: Client, name: str) -> None:
        answer = operator.get(reverse(name))

        assert answer.status_code == 200
        assert "PAPER" in answer.content.decode()
