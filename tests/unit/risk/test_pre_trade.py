"""The table of controls: whole, in order, and shut when anything goes wrong."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from risk import at_trade, controls_doc, policy, post_trade, pre_trade
from risk.exposure import Denial, DenialCode, RecentOrder
from risk.pre_trade.case import Case
from risk.standing import Limits
from tests.unit.risk.cases import ACCOUNT, ENTRY, INSTRUMENT, NOW, POLICY, D, case, codes, refusal, with_limit


def explodes(_: Case) -> Denial | None:
    raise ZeroDivisionError("inside")


class TestTable:
    def test_names_every_code_once(self) -> None:
        named = [code for control in pre_trade.CONTROLS for code in control.codes]
        strays = {DenialCode.ORDER_MALFORMED}

        assert {code for code in named if named.count(code) > 1} <= strays
        assert set(named) | set(pre_trade.ANY_CONTROL) == set(DenialCode)

    def test_reads_every_limit_of_the_policy_under_its_own_control(self) -> None:
        read = {name: monitor.number for monitor in at_trade.MONITORS for name in monitor.limits}
        read |= {name: control.number for control in pre_trade.CONTROLS for name in control.limits}
        read |= {name: control.number for control in post_trade.CONTROLS for name in control.limits}
        read |= {name: int(number) for number, _, names in controls_doc.WATCHED for name in names}

        assert read == {bound.name: bound.control for bound in policy.BOUNDS.values()}

    def test_has_each_number_once(self) -> None:
        numbers = [control.number for control in pre_trade.CONTROLS]

        assert len(numbers) == len(set(numbers))
        assert set(numbers) == {*range(1, 27), 38, 43}


class TestAsk:
    @pytest.mark.parametrize("control", pre_trade.CONTROLS, ids=lambda control: str(control.number))
    def test_denies_when_the_check_itself_fails(self, control: pre_trade.Control) -> None:
        denial = pre_trade.ask(replace(control, check=explodes), case())

        assert denial is not None
        assert (denial.code, denial.control, denial.seen) == ("CHECK_FAILED", control.number, "ZeroDivisionError")

    @pytest.mark.parametrize("control", pre_trade.CONTROLS, ids=lambda control: str(control.number))
    def test_denies_when_a_limit_it_reads_is_not_in_force(self, control: pre_trade.Control) -> None:
        if not control.limits:
            assert pre_trade.ask(control, case(limits=Limits())) is None
            return

        denial = refusal(case(limits=Limits()), control.number)

        assert denial is not None
        # What no symbol has is not missing: nobody has allowed it.
        assert denial.code == ("SYMBOL_NOT_ALLOWED" if control.number == 17 else "LIMIT_MISSING")

    @pytest.mark.parametrize(
        ("number", "name"), [(control.number, name) for control in pre_trade.CONTROLS for name in control.limits]
    )
    def test_denies_when_a_limit_it_reads_is_no_number(self, number: int, name: str) -> None:
        # A small stock is what the wide collar is for, and another entry what the duplicate window looks at.
        other = RecentOrder("AAPL", "buy", ENTRY.quantity, NOW, "s0")
        instrument = replace(INSTRUMENT, average_volume=D("1000000")) if name == "collar_fraction" else INSTRUMENT
        exposure = replace(ACCOUNT, instrument=instrument, recent=(other,) * (name == "duplicate_window_seconds"))

        denial = refusal(case(exposure=exposure, limits=with_limit(name, "NaN")), number)

        assert denial is not None
        assert denial.code == "CHECK_FAILED"

    def test_fails_shut_on_a_figure_of_the_wrong_type(self) -> None:
        nonsense: Any = "a lot"

        assert set(codes(case(exposure=replace(ACCOUNT, equity=nonsense)))) == {"CHECK_FAILED"}


class TestInputs:
    @pytest.mark.parametrize(
        ("name", "control"),
        [
            ("state_known_at", 3), ("equity", 4), ("equity", 5), ("equity", 6), ("equity", 8), ("quote", 15),
            ("quote", 13), ("mid_before", 13), ("instrument", 17), ("instrument", 18), ("session", 19), ("cash", 23),
            ("buying_power", 23), ("equity", 23), ("last_equity", 25), ("equity", 25), ("intraday_adjustments", 25),
        ],
    )  # fmt: skip
    def test_deny_when_they_are_missing(self, name: str, control: int) -> None:
        gone: dict[str, Any] = {name: None}

        denial = refusal(case(exposure=replace(ACCOUNT, **gone)), control)

        assert denial is not None
        assert denial.code == "INPUT_MISSING"
        assert denial.sentence.startswith("Not known: ")


class TestVersions:
    def test_name_limit_and_scope(self) -> None:
        assert POLICY.versions["position_fraction@firm"] == 1

    def test_judge_needs_no_order_of_limits(self) -> None:
        backwards = Limits({name: POLICY.by_name[name] for name in sorted(POLICY.by_name)})

        assert codes(case(proposed=replace(ENTRY, quantity=Decimal(900)), limits=backwards)) == codes(
            case(proposed=replace(ENTRY, quantity=Decimal(900)))
        )
