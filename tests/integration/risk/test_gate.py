"""The gate over the database: one verdict, the versions it judged by, breaches noted once."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection
from pytest_django import DjangoAssertNumQueries

from audit import payload
from audit.models import AuditEvent
from risk import breaches, gate, halts, limits
from risk.exposure import Verdict
from risk.models import Breach
from tests.unit.risk.cases import ACCOUNT, ENTRY, NOW, D

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("installed")]


def authorise(account: dict[str, Any] | None = None, **order: Any) -> Verdict:
    return gate.authorise(replace(ENTRY, **order), replace(ACCOUNT, **(account or {})), now=NOW)


class TestAuthorise:
    def test_approves_with_one_query_and_says_by_which_versions(
        self, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_num_queries(1):
            verdict = authorise()

        assert (verdict.approved, verdict.code, verdict.denials) == (True, "", ())
        assert verdict.limit_versions["positions@firm"] == 2
        assert verdict.limit_versions["allowed@symbol AAPL"] == 1

    def test_denies_with_two_queries(self, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        with django_assert_num_queries(2):
            verdict = authorise(quantity=D("60"))

        assert not verdict.approved
        assert verdict.code == "POSITION_FRACTION_EXCEEDED"
        assert [denial.code for denial in verdict.denials] == ["POSITION_FRACTION_EXCEEDED", "ORDER_FRACTION_EXCEEDED"]

    def test_keeps_inputs_that_can_be_recorded(self) -> None:
        verdict = authorise()

        assert payload.plain(verdict.inputs) == verdict.inputs
        assert verdict.inputs["account"]["equity"] == "100000"
        assert verdict.inputs["proposed"]["limit_price"] == "100.00"
        assert verdict.inputs["quote"]["ask"] == "100.02"

    def test_denies_under_a_halt_and_lets_exits_pass(self) -> None:
        halts.engage(level="H2", scope_kind="strategy", scope_key="trend", reason="odd fills", by="ann", now=NOW)

        assert authorise().sentence == "Halted (H2, strategy trend) by ann: odd fills"
        assert authorise(strategy="other").approved

    def test_denies_when_the_database_does_not_answer(self) -> None:
        def unreadable(*_: object) -> None:
            raise DatabaseError("gone")

        with connection.execute_wrapper(unreadable):
            verdict = authorise()

        assert verdict.code == "HALT_STATE_UNREADABLE"
        assert "LIMIT_MISSING" in {denial.code for denial in verdict.denials}

    def test_denies_by_the_newest_limit(self) -> None:
        terms: dict[str, Any] = {"scope_kind": "account", "scope_key": "PA1", "reason": "r", "by": "ann", "now": NOW}
        limits.tighten(name="position_fraction", value=Decimal("0.01"), **terms)

        denial = authorise().denials[0]

        assert (denial.limit, denial.limit_version) == ("0.01", 1)


class TestBreaches:
    def test_are_noted_once_a_session_while_open(self) -> None:
        for _ in range(3):
            authorise(quantity=D("60"))

        row = Breach.objects.get(code="POSITION_FRACTION_EXCEEDED")
        assert (row.symbol, row.stage, row.limit_value, row.control) == ("AAPL", "PREVENTED", "0.05", 4)
        assert not AuditEvent.objects.filter(event="breach.opened").exists()

    def test_are_not_noted_where_no_limit_denied(self) -> None:
        authorise({"pinned_number": ""})

        assert not Breach.objects.exists()

    def test_of_the_account_itself_are_one_event(self) -> None:
        for symbol in ("AAPL", "IBM"):
            authorise({"equity": D("98000")}, symbol=symbol)

        broken = Breach.objects.broken().get()
        assert (broken.code, broken.symbol) == ("LOSS_DAY_REACHED", "")
        assert AuditEvent.objects.filter(event="breach.opened", account="PA1").count() == 1

    def test_are_closed_once_with_a_reason(self) -> None:
        authorise(quantity=D("60"))
        row = Breach.objects.open()[0]

        with pytest.raises(breaches.ClosingRefused, match="Say why"):
            breaches.close(row, reason="", by="ann", now=NOW)
        closed = breaches.close(row, reason="size mended", by="ann", now=NOW)
        with pytest.raises(breaches.ClosingRefused, match="already"):
            breaches.close(row, reason="again", by="ann", now=NOW)

        assert (closed.closed_by, closed.closing_reason) == ("ann", "size mended")
