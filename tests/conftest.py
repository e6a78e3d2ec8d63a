"""What every test stands on: settings of the tests, real services, and a database that is put back afterwards.

Unit and architecture tests alone start no service; any other selection gets its own PostgreSQL and Valkey.
"""

import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import hypothesis
import pytest
from pytest_django import DjangoDbBlocker

from tests import services

# An example has no time limit and the same ones are drawn each time: a slow machine or a lucky draw is no finding about
# a change. `--hypothesis-profile=default` draws others.
hypothesis.settings.register_profile(
    "steady", deadline=None, derandomize=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("steady")

HERE = Path(__file__).parent
_WITHOUT_SERVICES = tuple(HERE / folder for folder in ("unit", "architecture"))


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Start services once per run, in the controller; workers inherit their addresses."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    if not hasattr(config, "workerinput") and services.RUN not in os.environ and _wants_services(config):
        services.provide()
    from django.conf import settings

    assert settings.INSTALLED_APPS  # reads the settings, so that pytest-django finds them


def _wants_services(config: pytest.Config) -> bool:
    if config.option.collectonly:
        return False
    chosen = [Path(config.invocation_params.dir, argument.partition("::")[0]).resolve() for argument in config.args]
    return not all(any(path.is_relative_to(folder) for folder in _WITHOUT_SERVICES) for path in chosen)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Copy the migrated database for this worker; tests connect to it as the program's role."""
    if services.RUN not in os.environ:
        pytest.fail("Unit and architecture tests have no database; put tests that need one into tests/integration.")
    from django.db import connections

    from tests import databases

    run = os.environ[services.RUN]
    name = f"{run}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with django_db_blocker.unblock():
        databases.create(os.environ[services.SERVER], name, f"{run}_template")
    yield
    with django_db_blocker.unblock():
        connections.close_all()


@pytest.fixture(scope="session", autouse=True)
def _restore_instead_of_flush() -> Iterator[None]:
    """Let the owner clean up after tests that commit: the program's role may not remove the record."""
    from django.test import TransactionTestCase

    from tests import databases

    def restore(test_case: TransactionTestCase) -> None:
        databases.restore(os.environ["DATABASE_OWNER_URL"])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", restore)
        yield


@pytest.fixture(scope="session", autouse=True)
def _plan_once() -> Iterator[None]:
    """Let connections keep their prepared statements past a rollback, with which nearly every test ends."""
    from tests import databases

    with databases.plans_kept():
        yield


@pytest.fixture(autouse=True)
def _one_half_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold the clock of authenticator apps while a test runs: a code that is read counts until it is typed."""
    from allauth.mfa.totp.internal import auth

    began = time.time()
    monkeypatch.setattr(auth, "time", SimpleNamespace(time=lambda: began))


@pytest.fixture(autouse=True)
def _slow_machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an order leave though this machine stood still for a second after the look at the latch."""
    if request.path.is_relative_to(HERE / "simulation"):
        return  # there the clock is virtual
    from trading.orders import submission

    monkeypatch.setattr(submission, "HESITATION", timedelta(seconds=30))


@pytest.fixture
def process_environment() -> dict[str, str]:
    """Variables for a process that a test starts: it works on this worker's database and queue."""
    return {**os.environ, "PYTHONUNBUFFERED": "1"}
