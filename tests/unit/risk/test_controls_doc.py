"""docs/controls.md says what the code does."""

from pathlib import Path

from risk import controls_doc, policy, pre_trade

ROOT = Path(__file__).parents[3]


class TestControlsPage:
    def test_is_what_the_generator_writes(self) -> None:
        written = (ROOT / "docs" / "controls.md").read_text(encoding="utf-8")

        assert written == controls_doc.render(), "run: python -m risk.controls_doc > docs/controls.md"

    def test_names_every_code_and_every_limit(self) -> None:
        page = controls_doc.render()

        assert all(f"`{code}`" in page for control in pre_trade.CONTROLS for code in control.codes)
        assert all(f"`{name}`" in page for name in policy.BOUNDS)

    def test_points_at_tests_that_exist(self) -> None:
        for line in controls_doc.render().splitlines():
            if "tests/unit" in line:
                assert (ROOT / line.rpartition("| `")[2].rstrip("` |")).is_file()
