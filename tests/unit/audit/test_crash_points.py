"""The named places of the path: each is called by name, and nothing happens there."""

import re
from pathlib import Path

from audit import crash_points

ROOT = Path(__file__).parents[3]
CALL = re.compile(r"crash_points\.reach\((.*?)\)")


def called() -> list[str]:
    sources = (path for app in ("audit", "risk", "trading") for path in (ROOT / app).rglob("*.py"))
    return [name for path in sources for name in CALL.findall(path.read_text(encoding="utf-8"))]


class TestPoints:
    def test_are_each_called_by_a_plain_name(self) -> None:
        assert set(called()) == {f'"{name}"' for name in crash_points.POINTS}

    def test_are_about_forty_or_more(self) -> None:
        assert len(crash_points.POINTS) >= 40


class TestReach:
    def test_does_nothing_at_any_name(self) -> None:
        crash_points.reach("no such place")

        assert crash_points.reach.__code__.co_names == ()
