"""Monitor 6: exposure that grew beyond its limits by price alone. The gate has stopped entries by then; people look."""

from decimal import Decimal

from risk import wording
from risk.at_trade.values import Action, Alarm, AlarmCode, Watched
from risk.exposure import DenialCode
from risk.pre_trade import stress
from risk.standing import LimitInForce, Limits, Unjudgeable

TOLERANCE = Decimal("1.10")
"""A limit is for entering; prices may carry a holding this far beyond it before anybody is called."""


def exposure(watched: Watched, limits: Limits) -> tuple[Alarm, ...]:
    """Warn of the largest position, the gross exposure and the overnight gap when they stand beyond their limits."""
    equity = watched.equity
    if equity is None or not equity.is_finite() or equity <= 0:
        raise Unjudgeable(DenialCode.INPUT_MISSING, "Not known: the account's equity.")
    values = [(symbol, _known(symbol, value)) for symbol, value in watched.values]
    if not values:
        return ()
    symbol, largest = max(values, key=lambda pair: pair[1])
    gross = sum((value for _, value in values), Decimal(0))
    gap = stress.LARGEST_GAP * largest + stress.OTHERS_GAP * (gross - largest)
    seen = (
        (AlarmCode.POSITION_DRIFTED, "position_fraction", largest, f"{symbol} is worth", symbol),
        (AlarmCode.GROSS_DRIFTED, "gross_fraction", gross, "All positions together are worth", ""),
        (AlarmCode.GAP_DRIFTED, "gap_fraction", gap, "An overnight gap would cost", ""),
    )
    return tuple(
        _alarm(code, limits[name], value / equity, what, where)
        for code, name, value, what, where in seen
        if value > limits[name].value * TOLERANCE * equity
    )


def _known(symbol: str, value: Decimal | None) -> Decimal:
    if value is None or not value.is_finite():
        raise Unjudgeable(DenialCode.INPUT_MISSING, f"Not known: what the {symbol} held is worth.")
    return abs(value)


def _alarm(code: AlarmCode, limit: LimitInForce, share: Decimal, what: str, symbol: str) -> Alarm:
    sentence = (
        f"{what} {wording.percent(share)} of equity by the market's moves; the limit for entering is"
        f" {wording.percent(limit.value)}. Nothing is sold for it; entries stay denied."
    )
    return Alarm(code, 6, sentence, f"{share:.6f}", limit, Action.WARN, symbol=symbol)
