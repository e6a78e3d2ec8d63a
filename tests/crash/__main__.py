"""`make crash`: end and freeze real processes at named points, then judge what is left. The last line is JSON."""

import argparse
import json
import sys
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from audit.crash_points import POINTS

if TYPE_CHECKING:
    from tests.crash.runs import Told

RUNS = 3
SHORT = ("worker told to end", "stream told to end", "deploy")
"""Legs of a short run."""


def main(arguments: Sequence[str]) -> int:
    """Run the rig; 0 only when every point was reached and every invariant held, 2 for what cannot be run."""
    options = _options(arguments)
    from tests.crash import legs, rigging

    points, wanted = _chosen("point", options.point, POINTS), _chosen("leg", options.leg, legs.LEGS)
    if not points and not wanted:
        points = _spread(list(POINTS), options.count) if options.count else list(POINTS)
        wanted = list(SHORT if options.count else legs.LEGS)
    began, told = time.monotonic(), list["Told"]()
    with rigging.rig() as rig:
        from tests.crash import runs

        for place, point in enumerate(points):
            # A short run takes the ways in turn over the points, a long one takes each of them at every point.
            for number in range(options.runs) if options.runs else [place % RUNS]:
                told.append(_say(runs.play(rig, point, number)))
        told += [_say(runs.play_leg(rig, leg)) for leg in wanted]
    violations = sum(len(each.violations) for each in told)
    summary = {
        "points": len(points),
        "runs": len(told),
        "legs": len(wanted),
        "hits": {point: sum(each.struck for each in told if each.name.startswith(f"{point} ")) for point in points},
        "seconds": round(time.monotonic() - began),
        "violations": violations,
    }
    print(json.dumps(summary), flush=True)
    return 1 if violations else 0


def _say(told: "Told") -> "Told":
    print(f"{told.name}: {'; '.join(told.violations) or 'holds'} ({told.seconds:.1f} s)", flush=True)
    return told


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--point", default="", help="this point alone, or several with commas between")
    parser.add_argument("--leg", default="", help="this leg alone, or several with commas between")
    parser.add_argument("--count", type=int, default=0, help="so many points, spread over all, and the shortest legs")
    parser.add_argument("--runs", type=int, help="runs of each point: killed, killed with its program, frozen in turn")
    options = parser.parse_args(arguments)
    if options.count < 0:
        parser.error(f"--count is {options.count}; choose 1 or more.")
    if options.runs is not None and options.runs < 1:
        parser.error(f"--runs is {options.runs}; choose 1 or more.")
    options.runs = options.runs or (0 if options.count else RUNS)
    return options


def _chosen(what: str, text: str, known: Iterable[str]) -> list[str]:
    wanted = [name for name in text.split(",") if name]
    for name in wanted:
        if name not in known:
            sys.stderr.write(f"There is no crash {what} {name}; choose one of {', '.join(known)}.\n")
            sys.exit(2)
    return wanted


def _spread(names: list[str], count: int) -> list[str]:
    count = min(count, len(names))
    return [names[place * len(names) // count] for place in range(count)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
