"""Writes docs/errors.md from `trading.error_rules`: `python -m trading.errors_doc > docs/errors.md`, or `check`."""

import sys
from collections.abc import Iterator
from pathlib import Path

from trading.error_rules import RULES, Outcome, Rule

PAGE = Path(__file__).parents[1] / "docs" / "errors.md"
REMEDY = "python -m trading.errors_doc > docs/errors.md"

_HEAD = """# Errors

Generated from `trading/error_rules.py` by `python -m trading.errors_doc`; `make lint` and a test compare. Do not edit.

Every fault the desk was built to meet, what is known after it, who tries again and when, and what is never done. The
code that meets a fault asks this table. Two rules stand above all lines:

- **An order is sent at most once.** Its id is ours and its row says SUBMITTED before a byte leaves; what came of it is
  found out by asking, never by sending again. No library, task or queue repeats a call that changes something.
- **What makes the account safer passes.** Cancels, closes and the lock of the account go through an open breaker, have
  half of the request budget to themselves, and need no halt latch.

Outcome columns: `BrokerRejected` the broker refused, nothing was done · `BrokerUnavailable` certainly not done ·
`OutcomeUnknown` sent, and no trustworthy answer came.

## What may go wrong
"""

_CALLED = {
    Outcome.REJECTED: "`BrokerRejected`",
    Outcome.UNAVAILABLE: "`BrokerUnavailable`",
    Outcome.UNKNOWN: "`OutcomeUnknown`",
    Outcome.EXISTS: "it exists: adopted",
    Outcome.NONE: "–",
}


def render() -> str:
    """Return the whole page."""
    return "\n".join(_lines()) + "\n"


def main(arguments: list[str]) -> int:
    """Print the page, or `check` that the file is what the table says."""
    if arguments not in ([], ["check"]):
        sys.stderr.write("Usage: python -m trading.errors_doc [check]\n")
        return 2
    if not arguments:
        sys.stdout.write(render())
        return 0
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == render():
        return 0
    sys.stderr.write(f"docs/errors.md differs from the table; run: {REMEDY}\n")
    return 1


def _lines() -> Iterator[str]:
    yield _HEAD
    yield "| Fault | Met by | A change | A read | Tried again, by whom, when | Never | Stops | Counts |"
    yield "|---|---|---|---|---|---|---|---|"
    for rule in RULES.values():
        yield (
            f"| {rule.title} | {rule.met} | {_CALLED[rule.on_change]} | {_CALLED[rule.on_read]} | {rule.retried}"
            f" | {rule.never} | {rule.halts} | {_counts(rule)} |"
        )


def _counts(rule: Rule) -> str:
    if rule.stops:
        return "stop sign for all processes"
    return "against the breaker" if rule.trips else "–"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
