"""Some seeds of the simulation as tests; collected only where this file is named, as the rig of planted bugs does."""

import os
from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.simulation import running
from tests.simulation.ground import Ground, in_the_tests_database
from tests.teeth import witness

STEPS = 60


@pytest.fixture(scope="module")
def ground(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Ground]:
    """The database of a rig; nothing else runs in it."""
    with django_db_blocker.unblock(), in_the_tests_database() as made:
        yield made


@pytest.mark.parametrize("seed", [int(word) for word in os.environ.get(witness.SEEDS, "").split()])
def test_seed_holds(ground: Ground, seed: int) -> None:
    made = running.run(seed, STEPS, ground)

    assert made.failure is None
