"""Some seeds of the simulation as tests; collected only where this file is named, as the rig of planted bugs does."""

import logging
import os
from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.simulation import running
from tests.simulation.ground import Ground
from tests.teeth import witness

STEPS = 60


@pytest.fixture(scope="module")
def ground(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Ground]:
    """The database of a rig; nothing else runs in it."""
    logging.disable(logging.CRITICAL)
    with django_db_blocker.unblock():
        made = Ground()
        made.prepare()
        yield made
        made.close()
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("seed", [int(word) for word in os.environ.get(witness.SEEDS, "").split()])
def test_seed_holds(ground: Ground, seed: int) -> None:
    made = running.run(seed, STEPS, ground)

    assert made.failure is None
