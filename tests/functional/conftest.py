"""The desk of `tests.desk`, and a browserless client signed in as each of its people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    # This file is read before the settings are, and models can not be imported without them.
    from django.test import Client
    from pytest_django import Settings

    from tests.desk import Scene


@pytest.fixture
def scene(db: None, settings: Settings) -> Scene:
    """The scene at the simulated venue's clock."""
    from django.utils import timezone

    from tests import desk

    settings.VENUE_CONTROL_URL = "http://127.0.0.1:1"
    return desk.build(timezone.now())


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
