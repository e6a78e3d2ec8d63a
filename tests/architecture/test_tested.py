"""Every command and every task is called by some test."""

import ast
import functools
import itertools
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.architecture import source
from tests.architecture.source import Source

_CALLS = ("call_command", "told")
"""Django's own call, and a test's short form of it that returns what was printed."""


def commands() -> list[str]:
    """Names of the program's own management commands."""
    found = [path for app in source.APPS for path in (source.ROOT / app).glob("management/commands/*.py")]
    return sorted(path.stem for path in found if path.stem != "__init__")


def tasks() -> list[tuple[str, str]]:
    """(module, function) of every Celery task."""
    return [
        (each.module, function.name)
        for each in source.python(*source.APPS)
        for function in source.functions(each)
        if any("shared_task" in ast.unparse(decorator) for decorator in function.decorator_list)
    ]


def called_commands(each: Source) -> set[str]:
    """Commands a test calls: `call_command("name", …)`, or "name" next to "manage.py" in a list of arguments."""
    found = set()
    for node in ast.walk(each.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(_CALLS) and node.args:
            found |= _texts(node.args[:1])
        elif isinstance(node, ast.List | ast.Tuple | ast.Call):
            texts = [_text(part) for part in (node.args if isinstance(node, ast.Call) else node.elts)]
            found |= {after for before, after in itertools.pairwise(texts) if before == "manage.py"}
    return found - {""}


def _texts(nodes: Iterable[ast.expr]) -> set[str]:
    return {_text(node) for node in nodes}


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def called_tasks(each: Source) -> set[tuple[str, str]]:
    """(module, function) of tasks a test calls: `tasks.tick()`, or by a parameter `task` of that name."""
    modules = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(each.tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    called = {
        (modules[node.value.id], node.attr)
        for node in ast.walk(each.tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules
    }
    return called | {("trading.tasks", name) for name in _parameters(each, "task")}


def _parameters(each: Source, name: str) -> set[str]:
    """Values of `@pytest.mark.parametrize(name, [...])`."""
    return {
        value
        for call in source.calls(each)
        if ast.unparse(call.func).endswith("parametrize") and _texts(call.args[:1]) == {name}
        for value in _texts(call.args[1].elts if isinstance(call.args[1], ast.List) else [])
    }


TESTS = [each for each in source.python("tests") if not source.within(each.module, "tests.architecture")]


@functools.cache
def all_called_commands() -> frozenset[str]:
    return frozenset[str]().union(*map(called_commands, TESTS))


@functools.cache
def all_called_tasks() -> frozenset[tuple[str, str]]:
    return frozenset[tuple[str, str]]().union(*map(called_tasks, TESTS))


class TestCommands:
    @pytest.mark.parametrize("name", commands())
    def test_are_called_by_a_test(self, name: str) -> None:
        assert name in all_called_commands()

    def test_are_found(self) -> None:
        assert {"halt", "preflight", "venue", "verify_audit", "seed_desk"} <= set(commands())


class TestTasks:
    @pytest.mark.parametrize(("module", "name"), tasks())
    def test_are_called_by_a_test(self, module: str, name: str) -> None:
        assert (module, name) in all_called_tasks()

    def test_are_found(self) -> None:
        assert {("trading.tasks", "run_pass"), ("audit.tasks", "seal")} <= set(tasks())

    @pytest.mark.parametrize("name", sorted({name for _, name in tasks()}))
    def test_are_on_the_schedule_or_asked_for(self, name: str) -> None:
        asking = Path(source.ROOT, "config/settings/celery.py").read_text(encoding="utf-8")
        program = "".join(each.text for each in source.python("audit", "risk", "trading"))

        assert f"tasks.{name}" in asking or f"tasks.{name}," in program or f"{name}.apply_async" in program


class TestTheRuleItself:
    def test_sees_a_command_that_is_called(self) -> None:
        assert called_commands(Source("t", 'call_command("halt", "--level", "H1")')) == {"halt"}
        assert called_commands(Source("t", 'run([sys.executable, "manage.py", "venue", "--port", "0"])')) == {"venue"}
        assert called_commands(Source("t", 'run("manage.py", "venue")')) == {"venue"}

    def test_sees_no_call_in_a_mere_mention(self) -> None:
        assert called_commands(Source("t", '"""The `halt` command."""\nname = "halt"')) == set()

    def test_sees_a_task_by_its_own_module(self) -> None:
        text = "from audit import tasks\ntasks.seal()"

        assert ("audit.tasks", "seal") in called_tasks(Source("t", text))
        assert ("trading.tasks", "seal") not in called_tasks(Source("t", text))

    def test_sees_a_task_that_is_a_parameter(self) -> None:
        text = '@pytest.mark.parametrize("task", ["tick"])\ndef test(task): run(task)'

        assert called_tasks(Source("t", text)) == {("trading.tasks", "tick")}
