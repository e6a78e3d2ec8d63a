"""No binary floating point in money or quantity: `float` is made only where indicators and pictures are drawn."""

import ast

import pytest

from tests.architecture import source
from tests.architecture.source import Source

FLOATS = (
    "trading.analytics",  # statistics over many figures; ratios, never amounts that are booked
    "trading.bars",  # a window's read-only float views, which the indicators are given
    "trading.indicators",
    "trading.strategies",
    "trading.venue.control",  # the speed of a clock
    "trading.venue.options",  # the same
    "trading.venue.rendering_account",  # Alpaca writes these figures as JSON numbers, so the venue does
    "trading.venue.rendering_market",  # the same
)

ENDLESS = {"inf", "-inf"}
"""Durations that have no end are no amounts."""


def floats(each: Source) -> list[str]:
    """Every place of a file that makes a float: called, or handed on to be called."""
    return [
        f"{each.module}:{call.lineno}"
        for call in source.calls(each)
        if (_is_float(call.func) and not _is_endless(call))
        or (any(map(_is_float, call.args)) and not _is_question(call))
    ]


def _is_float(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "float"


def _is_endless(node: ast.Call) -> bool:
    return [argument.value for argument in node.args if isinstance(argument, ast.Constant)] in [
        [one] for one in ENDLESS
    ]


def _is_question(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id == "isinstance"


class TestMoney:
    def test_is_never_made_a_float(self) -> None:
        rooms = [each for each in source.python("risk", "trading", "audit") if not source.within(each.module, *FLOATS)]

        assert [place for each in rooms for place in floats(each)] == []

    def test_has_no_float_column(self) -> None:
        rooms = source.python("risk/models", "trading/models", "audit/models")

        assert [each.module for each in rooms if "FloatField" in each.text] == []

    @pytest.mark.parametrize("text", ["x = float(price)", "x = map(float, prices)", "x = float('1.5')"])
    def test_is_found_where_it_is(self, text: str) -> None:
        assert floats(Source("trading.pnl", text)) == ["trading.pnl:1"]

    @pytest.mark.parametrize("text", ["x = float('-inf')", "def f(x: float) -> float: ...", "isinstance(x, float)"])
    def test_is_not_found_where_it_is_not(self, text: str) -> None:
        assert floats(Source("trading.pnl", text)) == []
