"""Limits: the strictest wins, tightening is free, loosening is not, bad values are refused with a sentence."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from audit.models import AuditEvent
from risk import limits, policy
from risk.models import ChangeRequest, Limit
from tests.integration.risk.desks import NOW, PLACE, Desk

pytestmark = pytest.mark.django_db

FIRM: dict[str, Any] = {"scope_kind": "firm", "scope_key": "", "reason": "careful", "by": "ann", "now": NOW}


def tighten(name: str, value: str, **changes: Any) -> Limit:
    return limits.tighten(name=name, value=value, **{**FIRM, **changes})


class TestInstallPolicy:
    def test_puts_every_default_in_force_once(self) -> None:
        first = limits.install_policy(by="setup", now=NOW, symbols=["AAPL", "IBM"])
        again = limits.install_policy(by="setup", now=NOW, symbols=["AAPL", "IBM"])

        assert len(first) == len(policy.BOUNDS) - 1 + 2
        assert again == []
        assert limits.in_force(symbol="IBM")["allowed"].value == 1
        assert "allowed" not in limits.in_force(symbol="MSFT").by_name

    def test_does_not_let_one_person_add_to_the_allow_list_later(self, installed: None) -> None:
        with pytest.raises(limits.LimitRefused, match="Adding GME to the allow-list needs two people"):
            limits.install_policy(by="ann", now=NOW, symbols=["AAPL", "GME"])


class TestInForce:
    def test_takes_the_strictest_over_all_scopes_in_one_query(
        self, installed: None, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        tighten("position_fraction", "0.03", scope_kind="account", scope_key="PA1")
        tighten("position_fraction", "0.04", scope_kind="strategy", scope_key="trend")
        tighten("position_fraction", "0.02", scope_kind="symbol", scope_key="IBM")
        tighten("duplicate_window_seconds", "120", scope_kind="symbol", scope_key="AAPL")

        with django_assert_num_queries(1):
            found = limits.in_force(account="PA1", strategy="trend", symbol="AAPL")

        assert (found["position_fraction"].value, found["position_fraction"].scope) == (Decimal("0.03"), "account PA1")
        assert found["duplicate_window_seconds"].value == 120
        assert found.versions["position_fraction@account PA1"] == 1

    def test_holds_a_row_beyond_its_ceiling_to_the_ceiling(
        self, installed: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lowered = replace(policy.BOUNDS["position_fraction"], ceiling=Decimal("0.03"))
        monkeypatch.setitem(policy.BOUNDS, "position_fraction", lowered)

        assert limits.in_force()["position_fraction"].value == Decimal("0.03")


class TestTheDatabase:
    @pytest.mark.parametrize(
        ("name", "value"),
        [("position_fraction", "0.050001"), ("duplicate_window_seconds", "9"), ("courage", "1")],
    )
    def test_refuses_a_row_beyond_its_ceiling(self, db: None, name: str, value: str) -> None:
        with pytest.raises(IntegrityError, match="limit_"), transaction.atomic():
            Limit.objects.create(
                name=name, value=Decimal(value), scope_kind="firm", unit="count", version=1, active_from=NOW,
                set_by="sql", reason="an edit past the writer",
            )  # fmt: skip

    def test_takes_every_default_and_every_ceiling(self, db: None) -> None:
        rows = [
            Limit(
                name=bound.name, value=value, scope_kind="firm", unit=bound.unit, version=version, active_from=NOW,
                active_to=NOW, set_by="sql", reason="the policy",
            )
            for bound in policy.BOUNDS.values()
            for version, value in enumerate((bound.default, bound.ceiling), 1)
        ]  # fmt: skip

        assert len(Limit.objects.bulk_create(rows)) == 2 * len(policy.BOUNDS)


class TestTighten:
    def test_ends_the_old_version_and_keeps_who_and_why(self, installed: None, desk: Desk) -> None:
        made = tighten("gross_fraction", "0.25", by="ben", reason="stage two")

        old = Limit.objects.get(name="gross_fraction", version=1)
        history = Limit.history.filter(name="gross_fraction", version=2).get()
        assert (made.version, old.active_to) == (2, NOW)
        assert (history.history_user, history.history_change_reason) == (desk.ben, "stage two")
        assert AuditEvent.objects.filter(event="limit.tightened", subject="gross_fraction").count() == 1

    def test_needs_no_clock_that_goes_on(self, installed: None) -> None:
        tighten("gross_fraction", "0.25", now=NOW - timedelta(seconds=1))

        old, new = Limit.objects.filter(name="gross_fraction").order_by("version")
        assert (old.active_to, new.active_from, new.active_to) == (old.active_from, old.active_from, None)
        assert limits.in_force(now=NOW)["gross_fraction"].value == Decimal("0.25")

    @pytest.mark.parametrize(
        ("name", "value", "sentence"),
        [
            ("positions", "9", "second person"),
            ("session_open_delay_seconds", "299", "second person"),
            ("position_fraction", "0.06", "beyond the ceiling 0.05"),
            ("duplicate_window_seconds", "9", "beyond the ceiling 10"),
            ("long_only", "0", "beyond the ceiling 1"),
            ("positions", "NaN", "not a number"),
            ("positions", "-1", "not a number"),
            ("positions", "Infinity", "not a number"),
            ("positions", "seven", "not a number"),
            ("gross_fraction", "0.1234567", "six decimals"),
            ("positions", "7.5", "whole count"),
            ("courage", "1", "There is no limit 'courage'"),
        ],
    )
    def test_refuses_with_a_sentence_records_it_and_changes_nothing(
        self, installed: None, name: str, value: str, sentence: str
    ) -> None:
        rows = Limit.objects.count()

        with pytest.raises(limits.LimitRefused, match=sentence):
            tighten(name, value)

        assert Limit.objects.count() == rows
        refused = AuditEvent.objects.get(event="limit.refused")
        assert sentence in refused.sentence
        assert refused.actor == "ann"

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"scope_kind": "galaxy"}, "no scope"),
            ({"scope_kind": "symbol", "scope_key": ""}, "is no name"),
            ({"scope_kind": "firm", "scope_key": "AAPL"}, "has no key"),
            ({"reason": " "}, "needs a reason"),
        ],
    )
    def test_refuses_scopes_and_silence(self, installed: None, changes: dict[str, Any], sentence: str) -> None:
        with pytest.raises(limits.LimitRefused, match=sentence):
            tighten("positions", "5", **changes)

    def test_takes_a_symbol_off_the_allow_list_but_does_not_put_one_on(self, installed: None) -> None:
        tighten("allowed", "0", scope_kind="symbol", scope_key="AAPL")

        with pytest.raises(limits.LimitRefused, match="second person"):
            tighten("allowed", "1", scope_kind="symbol", scope_key="GME")
        assert limits.in_force(symbol="AAPL")["allowed"].value == 0


class TestPropose:
    def test_tightens_at_once(self, installed: None, desk: Desk) -> None:
        terms = {**FIRM, "by": desk.ann}

        made = limits.propose(name="positions", value="7", place=PLACE, **terms)

        assert isinstance(made, Limit)
        assert not ChangeRequest.objects.exists()

    def test_asks_for_the_rest(self, installed: None, desk: Desk) -> None:
        terms = {**FIRM, "by": desk.ann, "scope_kind": "symbol", "scope_key": "GME"}

        made = limits.propose(name="allowed", value="1", place=PLACE, **terms)

        assert isinstance(made, ChangeRequest)
        assert (made.target, made.base_version) == ("limit:allowed@symbol GME", "none")
