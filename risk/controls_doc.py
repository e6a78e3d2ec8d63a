"""Writes docs/controls.md from controls and policy: `python -m risk.controls_doc > docs/controls.md`."""

import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal

from risk import policy, pre_trade
from risk.pre_trade import Control

_TESTS: Mapping[str, str] = {
    "standing_checks": "tests/unit/risk/test_standing_checks.py",
    "numbers": "tests/unit/risk/test_standing_checks.py",
    "size": "tests/unit/risk/test_size.py",
    "market": "tests/unit/risk/test_market.py",
    "activity": "tests/unit/risk/test_activity_and_protection.py",
    "protection": "tests/unit/risk/test_activity_and_protection.py",
}

_HEAD = """# Controls

Generated from `risk/pre_trade` and `risk/policy.py` by `python -m risk.controls_doc`; a test compares. Do not edit.

Policy "{name}", version `{version}`. Every proposed order passes the controls below in this order. All refusals are
kept, the first one names the verdict. An order that only reduces a holding passes those marked "exits too" alone. The
strictest limit in force over firm, account, strategy and symbol wins, and none counts for more than its ceiling, which
is code. The demands are design references, not a claim of compliance; no regulation gives these numbers.

Besides its own codes each control may answer `INPUT_MISSING` (a figure is absent or no number), `LIMIT_MISSING` (no
version of its limit is in force) and `CHECK_FAILED` (the check itself failed): all three deny.
"""


def render() -> str:
    """Return the whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _HEAD.format(name=policy.NAME, version=policy.VERSION)
    yield "| No. | Control | Demand it answers | Exits too | Codes | Test |"
    yield "|---|---|---|---|---|---|"
    for control in pre_trade.CONTROLS:
        codes = " ".join(f"`{code}`" for code in control.codes)
        exits = "yes" if control.judges_exits else "no"
        yield (f"| {control.number} | {control.name} | {control.demand} | {exits} | {codes} | `{_test(control)}` |")
    yield ""
    yield "## Limits"
    yield ""
    yield "| Limit | Control | Meaning | Unit | Default | Ceiling |"
    yield "|---|---|---|---|---|---|"
    for bound in policy.BOUNDS.values():
        word = "at least" if bound.stricter is policy.Stricter.HIGHER else "at most"
        default = "each symbol its own" if bound.per_symbol_only else _figure(bound.default)
        yield (
            f"| `{bound.name}` | {bound.control} | {bound.meaning} | {bound.unit} | {default}"
            f" | {word} {_figure(bound.ceiling)} |"
        )


def _test(control: Control) -> str:
    return _TESTS[control.check.__module__.rpartition(".")[2]]


def _figure(value: Decimal) -> str:
    return f"{value.normalize():f}"


if __name__ == "__main__":
    sys.stdout.write(render())
