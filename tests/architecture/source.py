"""The house's own source, read as text and as syntax trees; nothing of it is imported here."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
APPS = ("audit", "config", "risk", "trading")
PROGRAM = (*APPS, "manage.py")


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file: `module` is its dotted name, a package's is that of the package."""

    module: str
    text: str

    @property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return _parse(self.text)

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return len(self.text.splitlines())


@cache
def _parse(text: str) -> ast.Module:
    return ast.parse(text)


def python(*folders: str) -> list[Source]:
    """Every Python file under the folders (or the file itself), but migrations, which are written by a command."""
    return [Source(_module(path), path.read_text(encoding="utf-8")) for path in _paths(*folders)]


def _paths(*folders: str) -> Iterator[Path]:
    for folder in folders:
        place = ROOT / folder
        found = [place] if place.is_file() else sorted(place.rglob("*.py"))
        yield from (path for path in found if "migrations" not in path.parts)


def _module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def within(module: str, *rooms: str) -> bool:
    """Whether the module is one of the rooms or lies in one."""
    return any(module == room or module.startswith(f"{room}.") for room in rooms)


def functions(source: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a file."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def calls(source: Source) -> Iterator[ast.Call]:
    """Every call of a file."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            yield node


def models(*apps: str) -> dict[str, str]:
    """Name → docstring of every model the apps declare, the empty string where it has none."""
    found = {}
    for source in python(*(f"{app}/models" for app in apps)):
        for node in source.tree.body:
            if isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "models.Model" for base in node.bases):
                found[node.name] = ast.get_docstring(node) or ""
    return found
