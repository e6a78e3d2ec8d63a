"""Writes docs/controls.md from controls, monitors and policy: `python -m risk.controls_doc > docs/controls.md`."""

import sys
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from risk import at_trade, policy, post_trade, pre_trade, stages

_TESTS: Mapping[str, str] = {
    "standing_checks": "tests/unit/risk/test_standing_checks.py",
    "numbers": "tests/unit/risk/test_standing_checks.py",
    "size": "tests/unit/risk/test_size.py",
    "stress": "tests/unit/risk/test_stress.py",
    "market": "tests/unit/risk/test_market.py",
    "execution": "tests/unit/risk/test_execution.py",
    "activity": "tests/unit/risk/test_activity_and_protection.py",
    "protection": "tests/unit/risk/test_activity_and_protection.py",
    "losses": "tests/unit/risk/test_losses.py",
    "conduct": "tests/unit/risk/test_conduct.py",
    "drift": "tests/unit/risk/test_conduct.py",
    "at_trade.market": "tests/unit/risk/test_market_wide.py",
    "comparing": "tests/unit/risk/test_post_trade.py",
    "governing": "tests/unit/risk/test_post_trade.py",
    "ramping": "tests/unit/risk/test_ramping.py",
    "upkeep": "tests/unit/risk/test_upkeep.py",
    "comparing_live": "tests/unit/risk/test_comparing_live.py",
}

_HEAD = """# Controls

Generated from `risk/pre_trade`, `risk/at_trade`, `risk/post_trade`, `risk/policy.py` and `risk/stages.py` by
`python -m risk.controls_doc`; a test compares. Do not edit.

Policy "{name}", version `{version}`. Every proposed order passes the controls below in this order. All refusals are
kept, the first one names the verdict. An order that only reduces a holding passes those marked "exits too" alone. The
strictest limit in force over firm, account, strategy and symbol wins, and none counts for more than its ceiling, which
is code and a constraint of the database. The demands are design references, not a claim of compliance; no regulation
gives these numbers. There is no pattern-day-trader check: that rule is gone; buying power is control 23.

## Before a trade

Besides its own codes each control may answer `INPUT_MISSING` (a figure is absent or no number), `LIMIT_MISSING` (no
version of its limit is in force) and `CHECK_FAILED` (the check itself failed): all three deny.
"""

_AT_TRADE = """
## At trade

Watched after every pass and every few seconds between. Each alarm is a breach that a person closes with a reason. H1
stops entries, H2 also cancels them, H3 closes every position; "disable" stops one strategy. Two people lift each. A
monitor that cannot judge says so on the record, and the gate, which reads the same figures, denies.
"""

_WATCHED_HEAD = """
The watchdog looks at the whole desk from a process of its own. Each sign stops the entries of the firm (H1), its reason
says what was seen, and two people lift it. Figures without a limit's row stand in `trading/watching`.

| No. | Sign | Limits: default (ceiling) | Test |
|---|---|---|---|"""

WATCHED: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("33", "Burst of rejections, errors or unfinished passes", ("rejects_burst", "errors_burst", "passes_burst")),
    (
        "35",
        "Stale data, a stream that tells nothing, both while the market is open and beyond what their own links notice"
        " within 15 s",
        ("data_silent_seconds", "stream_silent_seconds"),
    ),
    ("36", "Clock off the broker's or the database's; 0.5 s is told", ("skew_seconds",)),
    ("–", "Worker, beat or stream without a sign of life", ()),
    ("39", "Processes of different builds at work", ()),
    ("40", "Critical alert that nobody acknowledges", ("unacknowledged_seconds",)),
)
"""Number, sign and limits of what the watchdog judges."""

_POST_TRADE = """
## After a trade, and over the house

41, 43 and 44 are watched every few seconds, also by night, and so is whether a live account must go down the ramp (48);
42, 50, 51 and 52 are items of every preflight; 47 stands before each live entry. What is missing is told as such and
never counts as passed. Figures without a limit's row stand in the program.
"""

_BESIDE_HEAD = """
| No. | Of the same list | Where it stands |
|---|---|---|"""

_BESIDE = (
    (
        "42",
        "Three-way comparison of a day",
        "Positions, open orders and cash at every comparison; fills against the broker's activities at the close, and"
        " whenever anything differs. Fills of the last two minutes are left to the next one. The report is signed"
        " under Reports: who, when, SHA-256 of the figures, in an append-only table.",
    ),
    (
        "43, 44",
        "Working a case off",
        "Its page under Reconciliation: one person closes what both sides agree on by now; accepting the broker's side"
        " takes two and appends an adjusting entry. Never an overwrite, never a trade.",
    ),
    (
        "45",
        "Trades declared void or corrected, dividends, splits",
        "A void or corrected fill becomes a case; accepting it appends an opposite entry at the fill's own price, and"
        " the right one. Dividends and fees are cash cases; splits are position cases, accepted at a price that a"
        " person gives. No activity is booked by itself.",
    ),
    (
        "49",
        "Limit raise",
        "Two people, reason, end, return by itself, at most the ceiling, and for an account at most what its stage"
        " allows; see Limits and Stages.",
    ),
)

_STAGES = """
## Stages

A live account counts every limit for no more than its stage allows: the strictest of configuration, stage and ceiling
binds. On paper (S0) it sends no live entry; going live, which two people decide, lets it into S1, and each further
stage takes two people and ten sessions without a fault. A broken limit lowers it at once.
"""

_LIMITS = """
## Limits

"At most" is stricter when lower, "at least" when higher. A default is what a new desk starts with; a ceiling is the
loosest value any row can hold.
"""


def render() -> str:
    """Return the whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _HEAD.format(name=policy.NAME, version=policy.VERSION)
    yield "| No. | Control | Demand it answers | Exits too | Limits: default (ceiling) | Codes | Test |"
    yield "|---|---|---|---|---|---|---|"
    for control in pre_trade.CONTROLS:
        exits = "yes" if control.judges_exits else "no"
        yield (
            f"| {control.number} | {control.name} | {control.demand} | {exits} | {_limits(control.limits)}"
            f" | {_words(control.codes)} | `{_test(control.check)}` |"
        )
    yield _AT_TRADE
    yield "| No. | Monitor | Demand it answers | Limits: default (ceiling) | Codes | Test |"
    yield "|---|---|---|---|---|---|"
    for monitor in at_trade.MONITORS:
        yield (
            f"| {monitor.number} | {monitor.name} | {monitor.demand} | {_limits(monitor.limits)}"
            f" | {_words(monitor.codes)} | `{_test(monitor.judge)}` |"
        )
    yield _WATCHED_HEAD
    for number, sign, limits in WATCHED:
        test = {"–": "watchdog", "36": "skew"}.get(number, "symptoms")
        yield f"| {number} | {sign} | {_limits(limits)} | `tests/integration/trading/test_{test}.py` |"
    yield _POST_TRADE
    yield "| No. | Control | Demand it answers | Limits: default (ceiling) | Codes | What it does | Test |"
    yield "|---|---|---|---|---|---|---|"
    for after in post_trade.CONTROLS:
        yield (
            f"| {after.number} | {after.name} | {after.demand} | {_limits(after.limits)} | {_words(after.codes)}"
            f" | {after.does} | `{_test(after.judge)}` |"
        )
    yield _BESIDE_HEAD
    for numbers, what, where in _BESIDE:
        yield f"| {numbers} | {what} | {where} |"
    yield _STAGES
    yield "| Limit | Control | " + " | ".join(stages.Stage) + " | Ceiling |"
    yield "|---" * (3 + len(stages.Stage)) + "|"
    for name, caps in stages.CAPS.items():
        bound = policy.BOUNDS[name]
        yield f"| `{name}` | {bound.control} | {' | '.join(caps)} | {_figure(bound.ceiling)} |"
    yield _LIMITS
    yield "| Limit | Control | Meaning | Unit | Default | Ceiling |"
    yield "|---|---|---|---|---|---|"
    for bound in policy.BOUNDS.values():
        word = "at least" if bound.stricter is policy.Stricter.HIGHER else "at most"
        yield (
            f"| `{bound.name}` | {bound.control} | {bound.meaning} | {bound.unit} | {_default(bound)}"
            f" | {word} {_figure(bound.ceiling)} |"
        )


def _limits(names: tuple[str, ...]) -> str:
    found = (policy.BOUNDS[name] for name in names)
    return "<br>".join(f"`{b.name}` {_default(b)} ({_figure(b.ceiling)})" for b in found) or "–"


def _words(codes: tuple[Any, ...]) -> str:
    return " ".join(f"`{code}`" for code in codes)


def _default(bound: policy.Bound) -> str:
    return "each symbol its own" if bound.per_symbol_only else _figure(bound.default)


def _test(judge: Callable[..., object]) -> str:
    room, _, name = judge.__module__.rpartition(".")
    return _TESTS.get(f"{room.rpartition('.')[2]}.{name}", _TESTS.get(name, ""))


def _figure(value: Decimal) -> str:
    return f"{value.normalize():f}"


if __name__ == "__main__":
    sys.stdout.write(render())
