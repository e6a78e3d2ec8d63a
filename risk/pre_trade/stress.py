"""Controls 9 and 10: what the account would lose if every stop were hit, and if it woke up to a gap."""

from decimal import Decimal

from risk import wording
from risk.exposure import Denial, DenialCode
from risk.pre_trade.case import Case, denial, positive
from risk.pre_trade.totals import NOTHING, Totals

LARGEST_GAP, OTHERS_GAP = Decimal("0.20"), Decimal("0.05")
"""Overnight gap, a fraction against us, of the largest position and of each other one."""


def open_risk(case: Case) -> Denial | None:
    """Deny when all stops together, this order's included, could lose more than their share of equity."""
    stop, value = case.proposed.stop_loss_price, case.value
    # Without a stop the whole value is at risk.
    at_risk = value if stop is None else case.proposed.quantity * abs(case.price - positive(stop, "the stop"))
    lost, limit = case.priced.open_risk + at_risk, case.limits["open_risk_fraction"]
    if lost <= limit.value * case.equity:
        return None
    fraction = lost / case.equity
    sentence = (
        f"If every stop were hit, the account would lose {wording.percent(fraction)} of equity;"
        f" at most {wording.percent(limit.value)} is allowed."
    )
    return denial(DenialCode.OPEN_RISK_EXCEEDED, sentence, fraction, limit)


def overnight_gap(case: Case) -> Denial | None:
    """Deny when a bad night could cost more than its share of equity.

    Every entry is judged as if it were held overnight: nothing promises that it is closed before the session ends.
    """
    symbol = case.proposed.symbol
    lost, limit = gap(case.priced, symbol, case.value), case.limits["gap_fraction"]
    if lost <= limit.value * case.equity:
        return None
    fraction = lost / case.equity
    sentence = (
        f"An overnight gap of {wording.percent(LARGEST_GAP)} in the largest position and"
        f" {wording.percent(OTHERS_GAP)} in the others would cost {wording.percent(fraction)} of equity;"
        f" at most {wording.percent(limit.value)} is allowed."
    )
    return denial(DenialCode.GAP_STRESS_EXCEEDED, sentence, fraction, limit)


def gap(totals: Totals, symbol: str = "", added: Decimal = NOTHING) -> Decimal:
    """USD lost in the gap, with `added` USD more in `symbol`."""
    largest = max(totals.largest, totals.by_symbol.get(symbol, NOTHING) + added)
    return LARGEST_GAP * largest + OTHERS_GAP * (totals.gross + added - largest)
