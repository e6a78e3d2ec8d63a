"""The reader of the order stream: takes what the venue told as `trading.streams.listening` does, asks for heals."""

from collections import deque
from functools import partial

from tests.simulation.world import Desk, World
from trading import duties, orders
from trading.broker import factory, wire_scalars
from trading.streams import hearing, inbox

ASKING = (None, orders.Outcome.FILL_MISSING, orders.Outcome.UNRECOGNISED)


def read_mail(world: World, desk: Desk, count: int, how: str) -> None:
    """Read up to `count` messages: in order, backwards, each twice, or not at all (they are lost)."""
    box = desk.mailbox
    if not box.up:
        restart(world, desk)
        return
    taken = [box.waiting.popleft() for _ in range(min(count, len(box.waiting)))]
    if how == "lost":
        world.hits["F11"] += bool(taken)
        return
    world.hits["F09"] += how == "backwards" and len(taken) > 1
    world.hits["F08"] += how == "twice" and bool(taken)
    left = deque(reversed(taken) if how == "backwards" else taken)
    while left:
        body = left.popleft()
        for _ in range(2 if how == "twice" else 1):
            world.work("stream", partial(_read, world, desk, body))
    ask_for_heal(world, desk)


def ask_for_heal(world: World, desk: Desk) -> None:
    """Heal where it was asked for."""
    if desk.heal_asked:
        desk.heal_asked = False
        world.work("H", lambda: duties.heal(desk.account, now=world.now))


def restart(world: World, desk: Desk) -> None:
    """The stream's process ends, and another begins: work off what was left, hear again, heal."""

    def begin() -> None:
        if not desk.mailbox.up:
            hearing.lost(desk.account.pk, holder="stream")
        inbox.work_off(desk.account, now=world.now)
        hearing.heard(desk.account.pk, holder="stream")

    desk.mailbox.up = True
    desk.heal_asked = True
    world.work("stream", begin)
    ask_for_heal(world, desk)


def notice_silence(world: World, desk: Desk) -> None:
    """A line that went down is noticed: nothing is entered until it is up again."""
    if not desk.mailbox.up and desk.hears:
        world.work("stream", lambda: hearing.lost(desk.account.pk, holder="stream"))
    desk.hears = desk.mailbox.up


def _read(world: World, desk: Desk, body: str) -> None:
    told = wire_scalars.decode(body)
    try:
        report = factory.read_update(told)
    except ValueError as problem:
        inbox.keep_unreadable(desk.account, body, reason=str(problem), now=world.now)
        desk.heal_asked = True
        return
    if inbox.take(desk.account, report, now=world.now) in ASKING:
        desk.heal_asked = True
