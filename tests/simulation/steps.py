"""What a trace is made of: each step says all there is to say about it, so that a trace can lose any of its steps."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.simulation import planned
from tests.simulation.options import SYMBOLS, Options

MEANWHILE_AT = ("submit", "submit", "submit", "cancel", "order", "open_orders", "fills_since", "quotes", "account")
MEANWHILE = ("die", "die", "pause", "second", "second", "halt", "tell", "reconcile", "tighten", "guard")
STRIKES = ("die_before", "die_before", "die_after", "fail_before", "fail_after", "lost_commit")
TABLES = ("", "", "trading_orderintent", "trading_fill", "trading_order")


@dataclass(frozen=True, slots=True)
class Step:
    """One event of the scheduler: what is done, and all that it needs to know."""

    do: str
    given: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return " ".join([self.do, *(f"{name}={value}" for name, value in self.given.items())])


def trace(options: Options, count: int) -> list[Step]:
    """The steps of a seed, drawn before the first is done."""
    draw = Random(f"steps {options.seed}")
    kinds = _weights(options)
    names, weights = list(kinds), list(kinds.values())
    halts = sorted(draw.sample(range(count // 3, max(count, 6)), min(options.halts, count // 3)))
    made: list[Step] = []
    while len(made) < count:
        if halts and len(made) >= halts[0]:
            halts.pop(0)
            made.append(_halt(draw))
            continue
        made.extend(_steps(draw.choices(names, weights)[0], draw, options))
    return made[:count]


def _weights(options: Options) -> dict[str, int]:
    return {
        "minute": 26,
        "pass": 5,
        "wish": 16,
        "tell": 14,
        "wait": 10,
        "tick": 4,
        "heal": 2,
        "reconcile": 2,
        "watch": 1,
        "fault": options.faults,
        "strike": options.strikes,
        "meanwhile": options.meanwhiles,
        "other": options.others,
    }


def _steps(kind: str, draw: Random, options: Options) -> Iterator[Step]:
    account = draw.randrange(options.accounts)
    if kind == "minute":
        yield Step("minute")
        if draw.random() < 0.5:
            yield Step("pass", {"account": account, "watched": draw.random() < 0.2})
    elif kind == "other":
        yield _other(draw, account, draw.choice(SYMBOLS[: options.symbols]))
    else:
        yield Step(kind, _given(kind, draw, options, account))


def _given(kind: str, draw: Random, options: Options, account: int) -> dict[str, Any]:
    """What a step of a kind needs to know."""
    symbols = SYMBOLS[: options.symbols]
    match kind:
        case "pass":
            return {"account": account, "worker": draw.choice("AB")}
        case "wish":
            return {"symbol": draw.choice(symbols), "direction": draw.choice(("long", "long", "long", "flat"))}
        case "tell":
            return {"account": account, "count": draw.choice((1, 2, 5, 20)), "how": _how(draw, options)}
        case "wait":
            return {"seconds": draw.choice((1, 3, 5, 11, 30))}
        case "fault":
            return planned.draw(draw, symbols)
        case "strike":
            return _strike(draw)
        case "meanwhile":
            given = {"at": draw.choice(MEANWHILE_AT), "when": draw.choice(("before", "after"))}
            return {**given, "what": draw.choice(MEANWHILE), "seconds": draw.choice((0, 0, 2, 12, 60))}
    return {"account": account}


def _strike(draw: Random) -> dict[str, Any]:
    table = draw.choice(TABLES)
    left = 1 if table else draw.choice((1, 3, 6, 10, 15, 22, 30))
    return {"how": draw.choice(STRIKES), "left": left, "table": table}


def _how(draw: Random, options: Options) -> str:
    return draw.choice(("in order", "in order", "backwards", "twice", "lost")) if options.lossy else "in order"


def _halt(draw: Random) -> Step:
    level, reach = draw.choice(("H1", "H2", "H2", "H3")), draw.choice(("firm", "account", "symbol"))
    return Step("halt", {"level": level, "reach": reach, "everything": reach == "account" and draw.random() < 0.3})


def _other(draw: Random, account: int, symbol: str) -> Step:
    match draw.choice(("restart", "redeliver", "release", "release", "tighten", "clock", "overnight", "overnight")):
        case "redeliver":
            return Step("pass", {"account": account, "worker": "B", "ago": draw.choice((0, 1, 2, 5))})
        case "tighten":
            return Step("tighten", {"symbol": symbol})
        case "clock":
            return Step("clock", {"seconds": draw.choice((-2, -1, 1, 2, 300))})
        case "release" | "overnight" as kind:
            return Step(kind)
        case kind:
            return Step(kind, {"account": account})
