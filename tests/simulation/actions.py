"""Carrying out one step: the same functions that the tasks call, by the hands of this world's processes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from audit import sealing
from risk import limits
from tests.simulation import market, passes, planned, replacing
from tests.simulation.mail import read_mail, restart
from tests.simulation.rule import WISHES
from tests.simulation.statements import Strike
from tests.simulation.steps import Step
from tests.simulation.world import Desk, Meanwhile, World
from trading import duties
from trading.halting import kill_switch
from trading.halting.reach import Reach
from trading.models import Account, AccountState, Hearing, Strategy
from trading.streams import hearing

FOREVER = datetime(2100, 1, 1, tzinfo=UTC)


def begin(world: World) -> None:
    """Open the desk: first minutes of the first session, books, ears."""
    world.happen = lambda number, each: _happen(world, number, each)
    WISHES.by_symbol.clear()
    used = [desk.account.pk for desk in world.desks]
    Account.objects.exclude(pk__in=used).update(active=False)
    Strategy.objects.update(symbols=list(world.symbols))
    world.open_session()
    world.play_minute()
    for desk in world.desks:
        hearing.own(desk.account.pk, holder="stream")
        hearing.heard(desk.account.pk, holder="stream")
        Hearing.objects.filter(account=desk.account).update(expires_at=FOREVER)
        desk.gateway.forbid_shorting()
    passes.ingest(world)
    for desk in world.desks:
        passes.make_pass(world, desk, "A", world.bar_at)
        desk.account.state = AccountState.objects.get(account=desk.account)
    for _ in range(5):
        world.play_minute()
    passes.ingest(world)


def carry_out(world: World, step: Step) -> None:
    """Do one step."""
    _ACTIONS[step.do](world, step.given)


def _minute(world: World, given: dict[str, Any]) -> None:
    world.play_minute()


def _pass(world: World, given: dict[str, Any]) -> None:
    ago = given.get("ago")
    if ago is not None:
        world.hits["F28"] += 1
    passes.told(world)
    bar_at = world.bar_at - (ago or 0) * market.MINUTE
    watched = given.get("watched", False)
    passes.make_pass(world, world.desk(given["account"]), given.get("worker", "A"), bar_at, watched=watched)


def _wish(world: World, given: dict[str, Any]) -> None:
    WISHES.want(given["symbol"], given["direction"], world.t)


def _wait(world: World, given: dict[str, Any]) -> None:
    world.advance(timedelta(seconds=given["seconds"]))


def _tell(world: World, given: dict[str, Any]) -> None:
    read_mail(world, world.desk(given["account"]), given["count"], given["how"])


def _restart(world: World, given: dict[str, Any]) -> None:
    restart(world, world.desk(given["account"]))


def _duty(duty: Callable[..., Any], worker: str) -> Callable[[World, dict[str, Any]], None]:
    def act(world: World, given: dict[str, Any]) -> None:
        desk = world.desk(given["account"])
        world.work(worker, lambda: duty(desk.account, now=world.now))

    return act


def _fault(world: World, given: dict[str, Any]) -> None:
    world.plan.add([planned.fault(given)])


def _strike(world: World, given: dict[str, Any]) -> None:
    world.statements.strike = Strike(given["how"], given["left"], given.get("table", ""))


def _meanwhile(world: World, given: dict[str, Any]) -> None:
    world.meanwhiles.append(Meanwhile(**given))


def _seal(world: World, given: dict[str, Any]) -> None:
    world.work("sealer", lambda: sealing.seal(now=world.now))


def _halt(world: World, given: dict[str, Any]) -> None:
    desk, reach = world.desks[0], given["reach"]
    wanted = Reach(
        account=desk.account if reach == "account" else None,
        symbol=world.symbols[0] if reach == "symbol" else "",
        everything=bool(given.get("everything")),
    )
    world.note(f"pulls {given['level']} for {wanted.scope()}")
    world.work(
        "hand",
        lambda: kill_switch.pull(
            reach=wanted, level=given["level"], reason="the trace says so", by="hand", now=world.now, suspend=False
        ),
    )


def _release(world: World, given: dict[str, Any]) -> None:
    world.ground.release_halts()


def _tighten(world: World, given: dict[str, Any]) -> None:
    """Halve what one symbol may be."""
    with world.statements.put_aside():
        known = limits.in_force(symbol=given["symbol"])["position_usd"].value
    value = (known / 2).quantize(Decimal(1))
    if value < 500:
        return

    def tighten() -> None:
        limits.tighten(
            name="position_usd",
            scope_kind="symbol",
            scope_key=given["symbol"],
            value=value,
            reason="the trace says so",
            by="hand",
            now=world.now,
        )

    world.work("hand", tighten)


def _clock(world: World, given: dict[str, Any]) -> None:
    world.skew += timedelta(seconds=given["seconds"])
    world.hits["F32"] += 1


def _overnight(world: World, given: dict[str, Any]) -> None:
    """The close, the day's end of every account, the next open and its first minutes."""
    day = world.close_session()
    for desk in world.desks:
        world.work("A", partial(duties.close_day, desk.account, day.date, now=world.now))
    world.open_session()
    world.play_minute()
    world.work("stream", lambda: passes.ingest(world))
    for desk in world.desks:
        passes.make_pass(world, desk, "A", world.bar_at)
    for _ in range(5):
        world.play_minute()
    world.work("stream", lambda: passes.ingest(world))


def _happen(world: World, number: str, each: Meanwhile) -> None:
    """What is planned for the middle of a call happens now; time may pass first."""
    desk = next(desk for desk in world.desks if desk.account.number == number)
    world.note(f"{each.when} {each.at}: {each.what}, {each.seconds} s")
    if each.seconds:
        world.hits["F22" if each.seconds >= 60 else "F31"] += 1
        world.advance(timedelta(seconds=each.seconds))
    if each.what == "die":
        _die(world, each)
    elif each.what != "pause":
        number, act = _MEANWHILE[each.what]
        world.hits[number] += 1
        act(world, desk)


def _die(world: World, each: Meanwhile) -> None:
    sending = each.at == "submit"
    world.hits.update(("F03", "F06") if sending and each.when == "after" else ("F02",) if sending else ("F21",))
    world.statements.die()


def _second(world: World, desk: Desk) -> None:
    passes.make_pass(world, desk, "B" if world.actor != "B" else "C", world.bar_at)


_MEANWHILE: dict[str, tuple[str, Callable[[World, Desk], None]]] = {
    "second": ("F20", _second),
    "halt": ("F19", lambda world, desk: _halt(world, {"level": "H2", "reach": "firm"})),
    "tighten": ("F40", lambda world, desk: _tighten(world, {"symbol": world.symbols[0]})),
    "tell": ("F09", lambda world, desk: read_mail(world, desk, 20, "in order")),
    "reconcile": ("F28", lambda world, desk: _ACTIONS["reconcile"](world, {"account": world.desks.index(desk)})),
    "guard": ("F20", lambda world, desk: _ACTIONS["tick"](world, {"account": world.desks.index(desk)})),
}

_ACTIONS: dict[str, Callable[[World, dict[str, Any]], None]] = {
    "minute": _minute,
    "pass": _pass,
    "wish": _wish,
    "wait": _wait,
    "tell": _tell,
    "restart": _restart,
    "tick": _duty(duties.catch_up, "T"),
    "heal": _duty(duties.heal, "H"),
    "reconcile": _duty(duties.reconcile, "R"),
    "watch": _duty(duties.watch, "W"),
    "seal": _seal,
    "fault": _fault,
    "strike": _strike,
    "meanwhile": _meanwhile,
    "halt": _halt,
    "release": _release,
    "tighten": _tighten,
    "clock": _clock,
    "overnight": _overnight,
    "replace": replacing.by_hand,
}
