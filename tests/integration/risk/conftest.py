"""Fixtures over `desks`; its imports wait until Django is set up."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from risk.models import ChangeRequest
    from tests.integration.risk.desks import Ask, Desk


@pytest.fixture
def desk(db: None) -> "Desk":
    """Users and the people behind them."""
    from tests.integration.risk import desks

    return desks.make()


@pytest.fixture
def installed(db: None) -> None:
    """The shipped policy in force, with something to loosen."""
    from tests.integration.risk import desks

    desks.install()


@pytest.fixture
def ask(desk: "Desk", installed: None) -> "Ask":
    """Ann asks for ten positions instead of eight, or for whatever is said otherwise."""
    from tests.integration.risk import desks

    return desks.asker(desk)


@pytest.fixture
def approved(ask: "Ask", desk: "Desk") -> "ChangeRequest":
    """Ann's request, approved by Ben."""
    from tests import voting
    from tests.integration.risk.desks import NOW

    return voting.cast(ask().pk, by=desk.ben, now=NOW)
