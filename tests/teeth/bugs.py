"""The planted bugs: one patch each, headed by the promise it breaks and by what is to be tried against it."""

import difflib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent / "bugs"
_TRY, _SEEDS, _FILE = "# try: ", "# seeds: ", "+++ b/"


class Unreadable(ValueError):
    """A bug cannot be read or does not exist; one sentence."""


@dataclass(frozen=True, slots=True)
class Bug:
    """One patch: what it breaks, which files it changes, which tests and which seeds of the simulation are tried."""

    name: str
    path: Path
    promise: str
    files: tuple[str, ...]
    tests: tuple[str, ...]
    seeds: tuple[int, ...]

    replaces: bool
    """Whether each change takes a line away: it can be found by that line alone."""

    @property
    def room(self) -> str:
        """The room it is planted in."""
        return self.files[0].partition("/")[0]

    @property
    def migrates(self) -> bool:
        """Whether it needs a database migrated anew."""
        return any("/migrations/" in file for file in self.files)


def read(path: Path) -> Bug:
    """Raises `Unreadable` for a patch without promise, without a file it changes, or with nothing to try."""
    lines = path.read_text(encoding="utf-8").splitlines()
    head = lines[0] if lines else ""
    if not head.startswith("# ") or head.startswith((_TRY, _SEEDS)):
        raise Unreadable(f"{path.name}: its first line must tell after “# ” which promise it breaks.")
    tests = _words(lines, _TRY)
    try:
        seeds = tuple(map(int, _words(lines, _SEEDS)))
    except ValueError as problem:
        raise Unreadable(f"{path.name}: a seed is a whole number ({problem}).") from problem
    if not (tests or seeds):
        raise Unreadable(f"{path.name}: a line “{_TRY}…” or “{_SEEDS}…” must name what is tried against it.")
    files = tuple(line.removeprefix(_FILE).strip() for line in lines if line.startswith(_FILE))
    if not files:
        raise Unreadable(f"{path.name}: it changes no file.")
    return Bug(path.stem, path, head.removeprefix("# ").strip(), files, tests, seeds, _replaces(lines))


def _replaces(lines: list[str]) -> bool:
    changes = "\n".join(lines).split("\n@@ ")[1:]
    return all(any(line.startswith("-") for line in change.split("\n--- ")[0].splitlines()[1:]) for change in changes)


def _words(lines: list[str], head: str) -> tuple[str, ...]:
    return tuple(word for line in lines if line.startswith(head) for word in line.removeprefix(head).split())


def every(folder: Path = HERE) -> list[Bug]:
    """All of them by name."""
    return [read(path) for path in sorted(folder.glob("*.patch"))]


def named(bugs: list[Bug], name: str) -> Bug:
    """The bug of this name, with or without its number. Raises `Unreadable` where there is none."""
    for bug in bugs:
        if name in (bug.name, bug.name.partition("-")[2]):
            return bug
    near = difflib.get_close_matches(name, [bug.name.partition("-")[2] for bug in bugs], n=3, cutoff=0.3)
    hint = f"; near to it: {', '.join(near)}" if near else ""
    raise Unreadable(f"BUG={name} is no planted bug{hint}. All lie in tests/teeth/bugs.")


def spread(bugs: list[Bug], count: int) -> list[Bug]:
    """So many of them, evenly over the rooms; the same ones every time."""
    ordered = sorted(bugs, key=lambda bug: (bug.room, bug.name))
    count = min(count, len(ordered))
    return [ordered[(2 * place + 1) * len(ordered) // (2 * count)] for place in range(count)]
