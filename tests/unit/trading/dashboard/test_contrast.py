"""Every ink of the desk can be read on every paper it is put on, light and dark."""

import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).parents[4] / "static/dashboard/css/tokens.css"
PAIRS = dict(
    (name, (light, dark))
    for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", TOKENS.read_text())
)
READABLE = 4.5
"""WCAG 2.2, success criterion 1.4.3: least contrast of text."""


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Contrast ratio (WCAG 2.2)."""
    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


class TestTokens:
    @pytest.mark.parametrize("dark", [False, True])
    @pytest.mark.parametrize("paper", ["card", "bg", "soft"])
    @pytest.mark.parametrize("ink", ["ink", "mute", "up", "dn", "warn", "unk", "acc"])
    def test_can_be_read(self, ink: str, paper: str, dark: bool) -> None:
        assert contrast(PAIRS[ink][dark], PAIRS[paper][dark]) >= READABLE

    @pytest.mark.parametrize("dark", [False, True])
    @pytest.mark.parametrize(
        ("ink", "paper"), [("paper-ink", "paper"), ("live-ink", "live"), ("on-fill", "acc"), ("on-fill", "unk")]
    )
    def test_can_be_read_where_they_are_filled(self, ink: str, paper: str, dark: bool) -> None:
        assert contrast(PAIRS[ink][dark], PAIRS[paper][dark]) >= READABLE

    @pytest.mark.parametrize("dark", [False, True])
    def test_halt_is_white_on_red(self, dark: bool) -> None:
        assert contrast("#ffffff", PAIRS["halt"][dark]) >= READABLE
