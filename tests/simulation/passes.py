"""What precedes a pass, and the pass itself: bars that were told, and the engine by the hand of one worker."""

from datetime import datetime

from tests.simulation.world import Desk, World
from trading import duties, engine, leases, market_data
from trading.broker.gateway import BrokerError
from trading.choices import Timeframe
from trading.models import EnginePass


def ingest(world: World) -> None:
    """Keep the bars that the venue has told since the last time."""
    gateway = world.desks[0].gateway
    try:
        bars = gateway.bars(world.symbols, Timeframe.MINUTE, world.ingested_until, world.t)
    except BrokerError:
        return
    market_data.ingest(bars)
    world.ingested_until = world.bar_at


def told(world: World) -> None:
    """The stream of bars tells what the market has done since the last pass."""
    if world.bar_at > world.ingested_until:
        world.work("stream", lambda: ingest(world))


def make_pass(world: World, desk: Desk, worker: str, bar_at: datetime, *, watched: bool = True) -> None:
    """One pass by one worker, and what follows it in the task unless it is not to be `watched`."""

    def once() -> EnginePass | None:
        if watched:
            return duties.make_pass(desk.account, bar_at, now=world.now)
        try:
            clocks = engine.Clocks(world.now, desk.gateway.clock().at)
            return engine.run_pass(desk.account, gateway=desk.gateway, bar_at=bar_at, holder=worker, clocks=clocks)
        except (engine.Busy, leases.Fenced, BrokerError) as waits:
            world.note(f"the pass waits: {waits}"[:160])
            return None

    made = world.work(worker, once)
    if made is not None:
        world.note(f"pass over {bar_at:%H:%M}: {made.approved} approved, {made.denied} denied {made.note}")
