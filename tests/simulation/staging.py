"""Where the program looks for its broker, its process and its pages, it finds the world of the seed."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest import mock

from django.test import override_settings

from audit import stream as audit_stream
from tests.simulation.world import World
from trading import duties
from trading.broker import factory
from trading.halting import hands
from trading.watching import heartbeats


@contextmanager
def at_work(world: World) -> Iterator[None]:
    """Let the program find this world where it looks for its broker, its process and its pages."""
    wires = {desk.account.number: desk.gateway for desk in world.desks}
    with ExitStack() as stack:
        stack.enter_context(override_settings(STRATEGY_RULES=("tests.simulation.rule.Wishing",), VENUE_CONTROL_URL=""))
        for module, name, stand_in in (
            (factory, "gateway_for", wires.__getitem__),
            (factory, "another", wires.__getitem__),
            (heartbeats, "instance", lambda: world.actor),
            # Nobody looks at pages here.
            (audit_stream, "_deliver", lambda *_: None),
            # What a process remembers of its last telling is not to reach the next seed.
            (duties, "_told_at", float("-inf")),
            # One thread: several hands would cancel in an order that no seed could tell.
            (hands, "FEW", 1_000_000),
        ):
            stack.enter_context(mock.patch.object(module, name, stand_in))
        stack.enter_context(world.statements.watching())
        yield
