"""Templates hold structure only: the content policy runs no script and applies no style that is written into a page."""

import re

import pytest

from tests.architecture import source

INLINE = {
    "script": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>", re.IGNORECASE),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "script address": re.compile(r"javascript:", re.IGNORECASE),
}


def inline(text: str) -> list[str]:
    """What of a template's text is a script or a style."""
    return [name for name, pattern in INLINE.items() if pattern.search(text)]


def templates() -> dict[str, str]:
    """Path → text of every template."""
    folders = [source.ROOT / "templates", *(source.ROOT / app / "templates" for app in source.APPS)]
    paths = [path for folder in folders for path in sorted(folder.rglob("*.html"))]
    return {str(path.relative_to(source.ROOT)): path.read_text(encoding="utf-8") for path in paths}


class TestTemplates:
    @pytest.mark.parametrize("path", templates())
    def test_hold_no_script_and_no_style(self, path: str) -> None:
        assert inline(templates()[path]) == []

    def test_are_found(self) -> None:
        assert {"templates/base.html", "templates/dashboard/desk.html"} <= set(templates())

    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("<script>go()</script>", "script"),
            ('<script type="module">go()</script>', "script"),
            ("<style>p{}</style>", "style element"),
            ('<p class="a" style="color:red">', "style attribute"),
            ('<button type="button" onclick="go()">', "event attribute"),
            ('<a href="javascript:go()">', "script address"),
        ],
    )
    def test_that_do_are_found(self, text: str, kind: str) -> None:
        assert inline(text) == [kind]

    @pytest.mark.parametrize(
        "text", ['<script src="a.js" defer></script>', '<script type="application/json">{}</script>']
    )
    def test_that_name_a_file_or_hold_data_are_not(self, text: str) -> None:
        assert inline(text) == []
