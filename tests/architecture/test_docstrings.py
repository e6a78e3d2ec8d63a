"""What must be said in words: what a row means, what a module holds, what a room's function answers."""

import ast

import pytest

from tests.architecture import source
from tests.architecture.source import Source


def without_opening(sources: list[Source]) -> list[str]:
    """Modules with code that do not open with a sentence."""
    return [each.module for each in sources if each.tree.body and not ast.get_docstring(each.tree)]


def without_answer(each: Source) -> list[str]:
    """Public functions of a file that do not say what type they return."""
    return [
        f"{each.module}.{function.name}"
        for function in source.functions(each)
        if function.returns is None and not function.name.startswith("_")
    ]


class TestModels:
    @pytest.mark.parametrize(("name", "said"), source.models("audit", "risk", "trading").items())
    def test_say_what_a_row_means(self, name: str, said: str) -> None:
        assert len(said.split()) >= 5

    def test_are_found(self) -> None:
        assert {"AuditEvent", "Limit", "Order", "LiveArming"} <= set(source.models("audit", "risk", "trading"))


class TestModules:
    def test_open_with_a_sentence(self) -> None:
        assert without_opening(source.python(*source.PROGRAM)) == []

    def test_without_one_are_found(self) -> None:
        assert without_opening([Source("a", "x = 1"), Source("b", '"""Said."""'), Source("c", "")]) == ["a"]


class TestPublicFunctions:
    def test_say_what_they_return(self) -> None:
        assert [name for each in source.python(*source.PROGRAM) for name in without_answer(each)] == []

    def test_that_do_not_are_found(self) -> None:
        assert without_answer(Source("a", "def f(): ...\ndef _g(): ...\ndef h() -> None: ...")) == ["a.f"]
