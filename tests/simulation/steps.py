"""What a trace is made of: each step says all there is to say about it, so that a trace can lose any of its steps."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.simulation import planned
from tests.simulation.options import SYMBOLS, Options

MEANWHILE_AT = ("submit",) * 4 + ("cancel", "order", "open_orders", "fills_since", "quotes", "account")
MEANWHILE = ("die", "die", "die", "pause", "second", "second", "halt", "tell", "reconcile", "tighten", "guard")
STRIKES = ("die_before", "die_before", "die_after", "fail_before", "fail_after", "lost_commit")
OTHERS = {"restart": 2, "redeliver": 2, "release": 4, "tighten": 2, "clock": 2, "overnight": 2, "replace": 4}
REPLACED = ("", "", "", "fill_before_replace", "replace_refused_later", "replace_refused_yet_done")
"""What becomes of a replacement; nothing of it is a fault where it is done as asked."""
REPLACED_HOW = ("away", "away", "towards", "larger")
HALTED_AT_ONCE, SEALER_FAILS = 0.15, 0.3
OVER_A_WISH, OVER_NOTHING_NEW = 0.8, 0.12
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
    halts = sorted(draw.sample(range(count // 10, max(count, 6)), min(options.halts, count // 3)))
    # Later most desks hold something or are halted already, and no halt is a cancel of everything.
    made: list[Step] = [*_halt_of_an_entry(draw, options)] if draw.random() < HALTED_AT_ONCE else []
    wished = False
    while len(made) < count:
        if halts and len(made) >= halts[0]:
            halts.pop(0)
            made.append(_halt(draw))
            continue
        kind = draw.choices(names, weights)[0]
        made.extend(_minute(draw, options, wished=wished) if kind == "minute" else _steps(kind, draw, options))
        wished = kind == "wish" or (wished and kind != "minute")
    return made[:count]


def _weights(options: Options) -> dict[str, float]:
    """How often each kind comes. What a desk does between two passes is seen in many small events."""
    return {
        "minute": 24,
        "pass": 2,
        "wish": 14,
        "tell": 24,
        "wait": 14,
        "tick": 2.5,
        "heal": 1.5,
        "reconcile": 1.2,
        "watch": 0.8,
        "seal": 0.6,
        "fault": options.faults,
        "strike": options.strikes,
        "meanwhile": options.meanwhiles,
        "other": options.others,
    }


def _minute(draw: Random, options: Options, *, wished: bool) -> Iterator[Step]:
    """A minute of the market; a pass over it nearly always where a rule has come to want something."""
    yield Step("minute")
    if draw.random() < (OVER_A_WISH if wished else OVER_NOTHING_NEW):
        account = draw.randrange(options.accounts)
        yield Step("pass", {"account": account, "watched": draw.random() < 0.2})


def _steps(kind: str, draw: Random, options: Options) -> Iterator[Step]:
    account = draw.randrange(options.accounts)
    if kind == "other":
        yield _other(draw, account, draw.choice(SYMBOLS[: options.symbols]))
    elif kind == "seal":
        if draw.random() < SEALER_FAILS:
            yield Step("strike", {"how": draw.choice(STRIKES), "left": draw.choice((1, 2, 3)), "table": ""})
        yield Step("seal")
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
            return {"account": account, "count": draw.choice((1, 1, 1, 2, 5, 20)), "how": _how(draw, options)}
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


def _halt_of_an_entry(draw: Random, options: Options) -> Iterator[Step]:
    """What has just been entered rests, and goes with the broker's one cancel-all, of which a part fails."""
    for symbol in SYMBOLS[: options.symbols]:
        yield Step("wish", {"symbol": symbol, "direction": "long"})
    yield from (Step("minute"), Step("pass", {"account": 0, "worker": "A"}))
    yield Step("fault", {"name": "partial_207"})
    yield Step("halt", {"level": draw.choice(("H2", "H3")), "reach": "account", "everything": False})
    yield from (Step("wait", {"seconds": 5}), Step("release"))


def _other(draw: Random, account: int, symbol: str) -> Step:
    match draw.choices(list(OTHERS), list(OTHERS.values()))[0]:
        case "redeliver":
            return Step("pass", {"account": account, "worker": "B", "ago": draw.choice((0, 1, 2, 5))})
        case "tighten":
            return Step("tighten", {"symbol": symbol})
        case "clock":
            return Step("clock", {"seconds": draw.choice((-2, -1, 1, 2, 300))})
        case "replace":
            given = {"which": draw.randrange(8), "how": draw.choice(REPLACED_HOW), "fault": draw.choice(REPLACED)}
            return Step("replace", {"account": account, **given})
        case "release" | "overnight" as kind:
            return Step(kind)
        case kind:
            return Step(kind, {"account": account})
