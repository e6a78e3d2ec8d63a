"""A second account of the scene that trades at a running venue, made and unmade beside the browser."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from django.test import override_settings
from django.utils import timezone

from tests.browser.beside import beside

if TYPE_CHECKING:
    from tests.desk import Scene
    from tests.robot import Robot


@contextmanager
def trading_desk(scene: "Scene") -> Iterator["Robot"]:
    """The account people see first: AAPL is held under its stop, and most of an entry in MSFT still rests."""
    from tests.integration.trading.busy_desk import thin
    from tests.robot import WISHES, robot

    held = ExitStack()

    def furnish() -> "Robot":
        type(scene.account).objects.filter(pk=scene.account.pk).update(active=False)
        held.enter_context(override_settings(BUILD_ID="3f2a91c"))  # as the scene's processes say
        desk = held.enter_context(robot(thin(symbol="MSFT")))
        WISHES.by_minute["AAPL", 6] = WISHES.by_minute["MSFT", 8] = "long"
        # The passes are over and their lease with them when the page acts.
        desk.now = timezone.now() - timedelta(minutes=10)
        desk.minutes(9)
        return desk

    def leave() -> None:
        held.close()
        type(scene.account).objects.filter(pk=scene.account.pk).update(active=True)

    try:
        yield beside(furnish)
    finally:
        beside(leave)


@contextmanager
def market_after_cancels(desk: "Robot") -> Iterator[None]:
    """Let the market go on once no entry rests any more: it would fill what is about to be canceled."""
    from tests.integration.trading.busy_desk import market_going_on

    def go_on() -> None:
        while any(order.side == "buy" for order in desk.gateway.open_orders()) and not done.wait(0.02):
            pass
        with market_going_on(desk):
            done.wait()

    done = threading.Event()
    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(10)


def check(desk: "Robot") -> None:
    """Preflight, which compares the books too; of the halt alone it is not red."""
    from trading import preflight
    from trading.watching import heartbeats

    def run() -> None:
        now = timezone.now()
        for process in ("worker", "beat", "stream"):
            heartbeats.beat(process, now=now, worked=True)
        made = preflight.run(desk.account, by="olga", now=now)
        assert made.passed, made.items

    beside(run)
