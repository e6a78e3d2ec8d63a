"""What must not stand in the project's text: unfinished work, and where or by what it was written."""

import re
import subprocess

import pytest

from tests.architecture import source

BINARY = {".png", ".ico", ".woff2", ".gz", ".jpg"}
OTHERS = ("static/dashboard/vendor/", "requirements.txt", "requirements-dev.txt")
"""Written by others, or by a command."""

UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")

OF_A_MACHINE = re.compile(r"(?<![\w.])/(?:wo" r"rk|ro" r"ot|ho" r"me/\w+|Us" r"ers/\w+)(?=[/\s\"'`]|$)|\.lib" r"rary/")
"""Paths of the machine it was written on."""

OF_A_TOOL = re.compile(r"(?i)co-auth" r"ored-by|generated (?:with|by) \[|language mo" r"del|chat" r"bot")
"""Who or what wrote it is no part of the project."""

INDEX = re.compile(r"https?://(?:[\w.-]+\.)?(?:pyp" r"i\.org|pythonhos" r"ted\.org)")


def texts() -> dict[str, str]:
    """Path → text of every file git keeps, others' and binary ones left out."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=source.ROOT, capture_output=True, text=True, check=False)
    paths = [path for path in listed.stdout.split("\0") if path and not path.startswith(OTHERS)]
    files = [(path, source.ROOT / path) for path in paths]
    return {
        path: place.read_text(encoding="utf-8")
        for path, place in files
        if place.is_file() and place.suffix not in BINARY
    }


def found(pattern: re.Pattern[str], files: dict[str, str]) -> list[str]:
    """path:line of every match."""
    return [
        f"{path}:{number}: {line.strip()[:80]}"
        for path, text in files.items()
        if pattern.search(text)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


@pytest.fixture(scope="module")
def project() -> dict[str, str]:
    kept = texts()
    if not kept:
        pytest.skip("This is no git repository; which files belong to the project cannot be told.")
    return kept


class TestTexts:
    @pytest.mark.parametrize("pattern", [UNFINISHED, OF_A_MACHINE, OF_A_TOOL, INDEX])
    def test_hold_no_such_word(self, project: dict[str, str], pattern: re.Pattern[str]) -> None:
        assert found(pattern, project) == []

    def test_are_read(self, project: dict[str, str]) -> None:
        assert {"manage.py", "Makefile", "docs/architecture.md", "templates/base.html"} <= set(project)


class TestPatterns:
    @pytest.mark.parametrize(
        ("pattern", "line"),
        [
            (UNFINISHED, "# TO" + "DO: later"),
            (OF_A_MACHINE, "see /wo" + "rk/main/x"),
            (OF_A_MACHINE, "cd /ro" + "ot"),
            (OF_A_MACHINE, 'PATH = "/ho' + 'me/someone/x"'),
            (OF_A_TOOL, "Co-auth" + "ored-by: somebody"),
            (INDEX, "index-url https://pyp" + "i.org/simple"),
        ],
    )
    def test_find_it(self, pattern: re.Pattern[str], line: str) -> None:
        assert len(found(pattern, {"a.txt": f"fine\n{line}\n"})) == 1

    @pytest.mark.parametrize("line", ["the work/day ratio", "PA3XXXXXXXXX", "/health/live", "x/work/", "by a model"])
    def test_let_other_words_be(self, line: str) -> None:
        assert [
            hit for pattern in (UNFINISHED, OF_A_MACHINE, OF_A_TOOL, INDEX) for hit in found(pattern, {"a": line})
        ] == []
