"""The querysets that keep their statements ask the database what Django's own ask, word for word."""

import os
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any
from unittest import mock

import pytest
from django.db import connection, transaction
from django.db.models import Count, F, Q, Subquery, Sum
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from tests import databases
from tests.simulation import kept, running, templates
from tests.simulation.ground import Ground, in_the_tests_database
from tests.simulation.options import NUMBERS, SYMBOLS
from tests.simulation.statements import Statements
from trading.models import Account, AccountState, Bar, Instrument, Strategy

AT = datetime(2025, 12, 31, tzinfo=UTC)


@pytest.fixture(scope="module")
def ground(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Ground]:
    """The database of a rig, in the place of the tests'."""
    with django_db_blocker.unblock():
        with in_the_tests_database() as made:
            yield made
        databases.restore(os.environ["DATABASE_OWNER_URL"])


def asked(number: str, symbols: Sequence[str], at: datetime) -> list[Any]:
    """Questions of every kind that is kept, as the program asks them."""
    account = Account.objects.get(number=number)
    bars = Bar.objects.filter(instrument__symbol__in=symbols, start_at__lt=at).exclude(timeframe="1Min")
    known = Account.objects.filter(number=number).order_by("-pk")
    return [
        account,
        account.state,
        list(Strategy.objects.filter(account=account, active=True).select_related("account__state")),
        list(
            Instrument.objects.filter(Q(symbol=symbols[0]) | Q(symbol__in=symbols, paused_at=None)).order_by("-symbol")
        ),
        bars.count(),
        bars.order_by("start_at", "pk")[1:3].values_list("close", "instrument__symbol")[:1].exists(),
        bars.aggregate(shares=Sum("volume"), days=Count("start_at", distinct=True)),
        sorted(bars.values_list("instrument_id").annotate(known=Count("pk"))),
        bars.order_by(F("start_at").desc(), "pk").first(),
        sorted(Instrument.objects.annotate(of=Subquery(known.values("number")[:1])).values_list("symbol", "of")),
        list(Instrument.objects.filter(name__startswith=symbols[0]).values("symbol", "sector")),
        AccountState.objects.filter(account=account).update(cash=account.pk, figures_at=at),
        AccountState.objects.get(account=account).cash,
        Instrument.objects.filter(symbol="none such").first(),
    ]


class TestStatements:
    def test_are_those_of_django_for_every_value(self, ground: Ground) -> None:
        given = [(NUMBERS[0], SYMBOLS[:2], AT), (NUMBERS[1], SYMBOLS[1:3], AT.replace(day=30))]
        with CaptureQueriesContext(connection) as plain:
            expected = [asked(*each) for each in given]

        with CaptureQueriesContext(connection) as lean, kept.statements():
            seen = [asked(*each) for each in given]

        assert seen == expected
        assert [each["sql"] for each in lean.captured_queries] == [each["sql"] for each in plain.captured_queries]

    def test_of_a_seed_are_those_of_django(self, ground: Ground) -> None:
        def told() -> list[str]:
            texts: list[str] = []
            real = Statements.__call__

            def note(self: Statements, execute: Any, sql: Any, *rest: Any) -> Any:
                texts.append(str(sql) if "SAVEPOINT" not in str(sql) else "SAVEPOINT")
                return real(self, execute, sql, *rest)

            with mock.patch.object(Statements, "__call__", note):
                made = running.run(3, 60, ground)
            return [*made.story, *texts]

        lean = told()
        with mock.patch.object(kept, "statements", nullcontext):
            assert told() == lean


class TestAQuestion:
    def test_for_one_that_is_not_there_says_so(self, ground: Ground) -> None:
        with kept.statements(), pytest.raises(Account.DoesNotExist):
            Account.objects.get(number="none such")

    def test_for_one_where_there_are_more_says_so(self, ground: Ground) -> None:
        with kept.statements(), pytest.raises(Account.MultipleObjectsReturned):
            Account.objects.get(mode="paper")

    def test_that_locks_is_refused_outside_a_transaction_each_time(self, ground: Ground) -> None:
        with kept.statements():
            with transaction.atomic():
                list(Account.objects.select_for_update().filter(number=NUMBERS[0]))

            with pytest.raises(transaction.TransactionManagementError):
                list(Account.objects.select_for_update().filter(number=NUMBERS[0]))

    def test_is_built_once_for_all_values(self, ground: Ground) -> None:
        with kept.statements():
            list(Account.objects.filter(number=NUMBERS[0]))

            with mock.patch.object(templates, "build", side_effect=AssertionError):
                found = list(Account.objects.filter(number=NUMBERS[1]))

        assert [each.number for each in found] == [NUMBERS[1]]
