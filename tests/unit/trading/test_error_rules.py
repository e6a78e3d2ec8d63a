"""The table of error rules: whole, applied as it stands, and written down as it is."""

from pathlib import Path

import pytest

from trading import error_rules, errors_doc
from trading.error_rules import RULES, Fault, Outcome

ROOT = Path(__file__).parents[3]


class TestRules:
    def test_stand_there_for_every_fault(self) -> None:
        assert list(RULES) == list(Fault)

    @pytest.mark.parametrize("fault", Fault)
    def test_never_leave_a_read_without_an_outcome_of_a_read(self, fault: Fault) -> None:
        assert error_rules.outcome(fault, changes=False) is not Outcome.UNKNOWN

    @pytest.mark.parametrize("fault", [fault for fault in Fault if RULES[fault].on_change is Outcome.UNKNOWN])
    def test_never_send_again_what_may_have_been_done(self, fault: Fault) -> None:
        assert RULES[fault].never in {"the order", "the replacement"}


class TestOfAnswer:
    @pytest.mark.parametrize(
        ("status", "read", "fault"),
        [
            *((status, True, Fault.REFUSED) for status in (400, 401, 403, 404, 422)),
            *((status, True, Fault.SERVER) for status in (302, 408, 409, 418, 500, 502, 503, 504)),
            (422, False, Fault.SERVER),
            (429, True, Fault.RATE_LIMIT),
            (429, False, Fault.RATE_LIMIT),
        ],
    )
    def test_trusts_only_a_refusal_that_was_read(self, status: int, read: bool, fault: Fault) -> None:
        assert error_rules.of_answer(status, read=read) is fault


class TestOfRefusal:
    @pytest.mark.parametrize(
        ("status", "reason", "fault"),
        [
            (422, "client_order_id must be unique", Fault.DUPLICATE_ID),
            (422, "unable to replace order, order isn't sent to exchange yet", Fault.NOT_REPLACEABLE),
            (403, "client_order_id must be unique", Fault.REFUSED),
            (403, "insufficient buying power", Fault.REFUSED),
            (403, "potential wash trade detected", Fault.REFUSED),
        ],
    )
    def test_tells_an_order_that_exists_from_one_that_does_not(self, status: int, reason: str, fault: Fault) -> None:
        assert error_rules.of_refusal(status, reason) is fault


class TestErrorsPage:
    def test_is_what_the_generator_writes(self) -> None:
        written = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")

        assert written == errors_doc.render(), f"run: {errors_doc.REMEDY}"

    def test_is_checked(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert errors_doc.main(["check"]) == 0

        monkeypatch.setattr(errors_doc, "PAGE", tmp_path / "errors.md")

        assert errors_doc.main(["check"]) == 1
        assert errors_doc.REMEDY in capsys.readouterr().err

    def test_has_a_line_of_eight_cells_for_every_fault(self) -> None:
        lines = [line for line in errors_doc.render().splitlines() if line.startswith("| ")]

        assert len(lines) == len(Fault) + 1
        assert {line.count(" | ") for line in lines} == {7}
