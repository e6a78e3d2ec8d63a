"""The tables of risk exist as the models say, under the laws that models cannot say."""

import pytest
from django.core.management import call_command

pytestmark = pytest.mark.django_db


class TestMigrations:
    def test_say_all_that_the_models_say(self) -> None:
        call_command("makemigrations", "risk", check=True, dry_run=True, verbosity=0)
