"""What strikes a whole desk in mid-session: services that stop, freeze or die, a broken network, SIGTERM, a deploy."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.crash import acts, programs
from tests.crash.grounds import KILL, STOP, wait_until_sound
from tests.crash.striking import SLOW, Strike

if TYPE_CHECKING:
    from tests.crash.session import Session

type Trouble = Callable[["Session"], None]

AWAY = 1.2
"""Seconds a service is away or frozen, or a wire broken."""

GRACE = 8.0
"""Seconds a program has to end after SIGTERM."""


@dataclass(frozen=True, slots=True)
class Leg:
    """Trading, trouble in the middle of a minute, trading, a halt, and more minutes."""

    trouble: Trouble
    wired: bool = False
    """Whether the desk reaches everything through the rig's proxy."""
    strikes: tuple[Strike, ...] = ()
    before: int = 1
    settings: dict[str, Any] = field(default_factory=dict)

    def play(self, session: "Session") -> None:
        session.minutes(self.before)
        self.trouble(session)
        session.minutes(4)
        acts.halt(session)
        session.minutes(2)


def _pass_time(session: "Session", seconds: float) -> None:
    session.family.wait_for(lambda: False, seconds)


def _in_a_minute(session: "Session", do: Callable[[], None]) -> None:
    """Begin a minute, let trouble come, and leave its pass to be made when it can be."""
    session.venue.step()
    do()


# Services


def postgres_stops(session: "Session") -> None:
    _in_a_minute(session, lambda: _postgres_away(session, STOP))


def postgres_dies(session: "Session") -> None:
    _in_a_minute(session, lambda: _postgres_away(session, KILL))


def _postgres_away(session: "Session", by: int) -> None:
    session.rig.postgres.end(by)
    _pass_time(session, AWAY)
    session.rig.postgres.begin()
    wait_until_sound(session.rig.postgres.owner_url)


def postgres_freezes(session: "Session") -> None:
    def freeze() -> None:
        session.ledger.close()
        look, session.family.look = session.family.look, lambda: None  # the rig would wait with everybody else
        session.rig.postgres.freeze()
        _pass_time(session, AWAY)
        session.rig.postgres.thaw()
        session.family.look = look

    _in_a_minute(session, freeze)


def valkey_restarts(session: "Session") -> None:
    def restart() -> None:
        session.rig.valkey.stop()
        _pass_time(session, AWAY)
        session.rig.valkey.start()

    _in_a_minute(session, restart)


def valkey_freezes(session: "Session") -> None:
    def freeze() -> None:
        session.rig.valkey.freeze()
        _pass_time(session, AWAY)
        session.rig.valkey.thaw()

    _in_a_minute(session, freeze)


# The network


def _on_the_wire(name: str, act: str, seconds: float = AWAY) -> Trouble:
    def trouble(session: "Session") -> None:
        network = session.rig.network
        wire = network.wires[name]

        def break_it() -> None:
            network.do(getattr(wire, act) if act != "delay" else lambda: setattr(wire, "delay", 0.05))
            _pass_time(session, seconds)
            network.do(wire.mend)

        _in_a_minute(session, break_it)

    return trouble


# A graceful end


def _told_to_end(session: "Session", name: str) -> float:
    """SIGTERM; the seconds it took. It must end by itself, and not with an error."""
    member = session.family.members[name]
    member.lives_on = False
    session.family.signal(name, signal.SIGTERM)
    began = time.monotonic()
    if not session.family.wait_for(lambda: member.code is not None, GRACE):
        session.doubts.append(f"{name} did not end within {GRACE:.0f} s of SIGTERM")
    elif member.code not in (0, -signal.SIGTERM if name == "web" else 0):  # uvicorn ends by the signal once all is done
        session.doubts.append(f"{name} ended with {member.code} after SIGTERM")
    return time.monotonic() - began


def _begin_again(session: "Session", *names: str) -> None:
    for name in names:
        member = session.family.members[name]
        member.lives_on = True
        session.family.start(member)


def _worker_ends(session: "Session") -> None:
    """It is told to in the middle of a pass: the pass is finished, the lease is free, nothing is in flight."""
    _in_a_minute(session, lambda: _until_slow(session))
    _told_to_end(session, "worker")
    held = "SELECT count(*) FROM trading_accountlease WHERE expires_at > now()"
    if session.ledger.one(held):
        session.doubts.append("the worker ended and kept the lease")
    if session.ledger.one("SELECT count(*) FROM trading_enginepass WHERE outcome = 'running'"):
        session.doubts.append("the worker ended in the middle of a pass")
    open_ = [each for each in session.ledger.read().orders if each["status"] in ("submitted", "unknown")]
    if open_:
        session.doubts.append(f"the worker left in flight: {open_}")
    _begin_again(session, "worker")


def _stream_ends(session: "Session") -> None:
    """It is told to while a message is in hand: the message is applied, and the next owner need not wait."""
    _in_a_minute(session, lambda: _until_slow(session))
    _told_to_end(session, "stream")
    if session.ledger.one("SELECT count(*) FROM trading_hearing WHERE expires_at > now()"):
        session.doubts.append("the stream ended and kept its lease")
    if session.ledger.read().waiting:
        session.doubts.append("the stream ended over a message that waits")
    _begin_again(session, "stream")
    session.family.wait(session.hears, patience=10, what="hearing again")


def _until_slow(session: "Session") -> None:
    session.family.wait(lambda: bool(session.struck), patience=10, what="the step to be in hand")


def _others_end(session: "Session") -> None:
    """Beat and watchdog end at once, and nobody else minds."""
    for name in ("beat", "watchdog"):
        _told_to_end(session, name)
    _begin_again(session, "beat", "watchdog")


def _web_ends(session: "Session") -> None:
    """The site is told to end while it answers; the desk trades on."""
    from config import launch

    site = session.family.start(programs.web(session.rig.site_port))
    url = f"http://127.0.0.1:{session.rig.site_port}/health/live"
    session.family.wait(lambda: launch.answers(url) is not None, patience=15, what="the site")
    session.venue.step()
    _told_to_end(session, site.name)


def _deploy(session: "Session") -> None:
    """Worker and stream are replaced at once, and the market goes on: fills come in while nobody hears."""
    for name in ("worker", "stream"):
        session.family.members[name].lives_on = False
        session.family.signal(name, signal.SIGTERM)
    session.venue.step()
    ended = [session.family.members[name] for name in ("worker", "stream")]
    if not session.family.wait_for(lambda: all(each.code == 0 for each in ended), GRACE):
        session.doubts.append(f"a deploy did not end them well: {[(each.name, each.code) for each in ended]}")
    session.venue.step()
    _begin_again(session, "worker", "stream")
    session.family.wait(session.hears, patience=10, what="hearing again")


HANDED_ON = {"patches": programs.LEASES}
"""With leases that outlast the run unless they are given back."""

LEGS: dict[str, Leg] = {
    "postgres stops": Leg(postgres_stops),
    "postgres dies": Leg(postgres_dies),
    "postgres freezes": Leg(postgres_freezes),
    "valkey restarts": Leg(valkey_restarts),
    "valkey freezes": Leg(valkey_freezes),
    **{
        f"{name} {word}": Leg(_on_the_wire(name, act), wired=True)
        for name in ("venue", "postgres", "valkey")
        for act, word in (("cut", "cut off"), ("delay", "slow"), ("swallow", "half-open"), ("reset", "reset"))
    },
    "worker told to end": Leg(_worker_ends, before=0, strikes=(Strike("order.answered", SLOW),), settings=HANDED_ON),
    "worker told early": Leg(_worker_ends, before=0, strikes=(Strike("intent.committed", SLOW),), settings=HANDED_ON),
    "stream told to end": Leg(_stream_ends, strikes=(Strike("inbox.kept", SLOW),), settings=HANDED_ON),
    "beat and watchdog told to end": Leg(_others_end),
    "web told to end": Leg(_web_ends),
    "deploy": Leg(_deploy, settings=HANDED_ON),
}
"""Name -> leg."""
