"""The desk of `tests.desk`, built once per module, and a client signed in as each of its people.

The module's scene stands in one transaction and every test in a savepoint of it: each begins with the same desk.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    # This file is read before the settings are, and models can not be imported without them.
    from collections.abc import Iterator

    from django.test import Client
    from pytest_django import DjangoDbBlocker, Settings

    from tests.desk import Scene


@contextmanager
def _undone() -> Iterator[None]:
    """A block whose changes are taken back, and in which durable blocks may stand, as in Django's own test cases."""
    from django.db import transaction

    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def _built(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Scene]:
    from django.utils import timezone

    from tests import desk

    with django_db_blocker.unblock(), _undone():
        yield desk.build(timezone.now())


@pytest.fixture
def scene(_built: Scene, settings: Settings) -> Iterator[Scene]:
    """The scene at the simulated venue's clock."""
    settings.VENUE_CONTROL_URL = "http://127.0.0.1:1"
    with _undone():
        yield _built


@pytest.fixture
def viewer(scene: Scene, client: Client) -> Client:
    client.force_login(scene.viewer)
    return client


@pytest.fixture
def operator(scene: Scene, client: Client) -> Client:
    client.force_login(scene.operator)
    return client


@pytest.fixture
def approver(scene: Scene, client: Client) -> Client:
    client.force_login(scene.approver)
    return client
