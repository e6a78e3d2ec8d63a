"""One seed from its first step to its rest; a seed and its steps give the same run whenever and wherever."""

import traceback
from collections.abc import Sequence
from pathlib import Path

from tests.simulation import actions, clock, mail, options, quiet, staging, telling
from tests.simulation.ground import Ground
from tests.simulation.runs import Run
from tests.simulation.statements import Died
from tests.simulation.steps import Step, trace
from tests.simulation.violations import Violation
from tests.simulation.watch import Watch
from tests.simulation.world import World


def run(seed: int, count: int, ground: Ground, steps: Sequence[Step] | None = None) -> Run:
    """Run a seed, or other `steps` in its world."""
    chosen = options.of(seed)
    world = World(chosen, ground)
    made, watch = Run(seed, []), None
    with clock.virtual(world, seed), staging.at_work(world):
        try:
            actions.begin(world)
            watch = Watch(world)
            world.judge_call = watch.call
            for step in trace(chosen, count) if steps is None else steps:
                made.done.append(step)
                world.note(f"> {step}")
                actions.carry_out(world, step)
                for desk in world.desks:
                    mail.notice_silence(world, desk)
                watch.step()
            quiet.settle(world, watch)
            quiet.judge(world, watch)
        except Violation as violation:
            made.failure = violation
        except (Exception, Died) as escaped:
            made.failure = Violation("escaped", _where(escaped))
        if made.failure is not None:
            made.story = _state(world)
    ground.restore()
    made.hits = world.hits + world.plan.controls()
    made.story, made.statements = world.story + made.story, world.statements.count
    made.orders = watch.posted if watch else 0
    return made


def _state(world: World) -> list[str]:
    try:
        with world.statements.put_aside():
            return telling.state(world)
    except Exception as problem:  # what broke the seed may have broken its connection
        return [f"the state cannot be read: {problem}"]


def _where(escaped: BaseException) -> str:
    """The exception and the last place of the program that it went through."""
    places = [
        f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(escaped.__traceback__)
    ]
    return f"{type(escaped).__name__}: {str(escaped)[:200]} ({' < '.join(reversed(places[-5:]))})"
