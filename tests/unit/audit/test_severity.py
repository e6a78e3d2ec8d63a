import pytest

from audit import severity
from audit.severity import Severity


class TestLeast:
    @pytest.mark.parametrize(
        ("event", "said", "kept"),
        [
            ("order.submitted", "info", Severity.INFO),
            ("order.submitted", "critical", Severity.CRITICAL),
            ("halt.engaged", "info", Severity.CRITICAL),
            ("breach.day_loss", "warning", Severity.SERIOUS),
            ("order.rejected", "serious", Severity.SERIOUS),
        ],
    )
    def test_takes_the_graver_of_writer_and_table(self, event: str, said: str, kept: Severity) -> None:
        assert severity.least(event, said) == kept

    def test_refuses_a_word_that_is_no_severity(self) -> None:
        with pytest.raises(ValueError, match="dreadful"):
            severity.least("order.submitted", "dreadful")
