"""The verdict retold control by control, from what was kept with the intent."""

from dataclasses import asdict, replace
from typing import Any

from risk import pre_trade
from risk.pre_trade.case import Case
from tests.unit.risk.cases import ACCOUNT, ENTRY, D, case, held, leaving


def told(judged: Case) -> list[dict[str, Any]]:
    from risk import gate
    from trading.dashboard.presenters import control_readings

    denials = [asdict(denial) for denial in pre_trade.judge(judged)]
    return control_readings.table(gate._inputs(judged), denials)


def answers(judged: Case) -> dict[int, str]:
    return {line["number"]: line["answer"] for line in told(judged)}


class TestTable:
    def test_has_every_control_in_the_order_they_were_asked(self) -> None:
        assert [line["number"] for line in told(case())] == [control.number for control in pre_trade.CONTROLS]

    def test_says_that_each_passed_and_what_it_read(self) -> None:
        lines = {line["number"]: line for line in told(case())}

        assert {line["answer"] for line in lines.values()} == {"passed"}
        assert lines[15]["read"] == "99.98 / 100.02, 1.0\u202fs old"
        assert lines[4]["read"] == "0.00 USD in the symbol, order 4,000.00 USD"
        assert lines[6]["allowed"] == "gross exposure 60.00\u202f%, gross exposure in USD 250,000 USD"
        assert lines[1]["read"] == "no halt in force"
        silent = {number for number, line in lines.items() if line["read"] == "–"}
        assert silent == {20, 21, 38, 43}  # they look for what is there, and nothing was

    def test_says_in_words_what_denied(self) -> None:
        lines = {line["number"]: line for line in told(case(proposed=replace(ENTRY, quantity=D("60"))))}

        assert lines[4]["answer"] == "denied"
        assert lines[4]["sentence"] == "AAPL would be worth 6 % of equity; at most 5 % is allowed."
        assert lines[6]["answer"] == "passed"

    def test_says_what_was_not_asked_any_more(self) -> None:
        found = answers(case(proposed=replace(ENTRY, quantity=D("NaN"))))

        assert found[26] == "denied"
        assert found[1] == "passed"
        assert found[4] == "not asked any more"

    def test_says_what_is_for_entries_only(self) -> None:
        found = answers(case(proposed=leaving(quantity=D("5")), exposure=replace(ACCOUNT, holdings=(held("5"),))))

        assert (found[4], found[24]) == ("for entries only", "passed")

    def test_takes_an_intent_of_which_little_was_kept(self) -> None:
        from trading.dashboard.presenters import control_readings

        lines = control_readings.table({"limits": {}}, [])

        assert len(lines) == len(pre_trade.CONTROLS)
        assert {line["answer"] for line in lines} <= {"passed", "for entries only"}
