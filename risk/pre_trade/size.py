"""Controls 4 to 8: how much of the account one symbol, one order, one sector and everything together may take."""

from decimal import Decimal

from risk import wording
from risk.exposure import Denial, DenialCode
from risk.pre_trade.case import Case, denial
from risk.pre_trade.totals import NOTHING


def position(case: Case) -> Denial | None:
    """Deny when the symbol, held, working and proposed, would be worth more than its share of equity or its dollars."""
    after = case.priced.by_symbol.get(case.proposed.symbol, NOTHING) + case.value
    codes = DenialCode.POSITION_FRACTION_EXCEEDED, DenialCode.POSITION_USD_EXCEEDED
    return _within(case, after, f"{case.proposed.symbol} would be worth", "position", codes)


def order(case: Case) -> Denial | None:
    """Deny when the order alone is worth more than its share of equity or its dollars."""
    codes = DenialCode.ORDER_FRACTION_EXCEEDED, DenialCode.ORDER_USD_EXCEEDED
    return _within(case, case.value, "The order is worth", "order", codes)


def gross(case: Case) -> Denial | None:
    """Deny when everything together would be worth more than its share of equity or its dollars."""
    codes = DenialCode.GROSS_FRACTION_EXCEEDED, DenialCode.GROSS_USD_EXCEEDED
    return _within(case, case.priced.gross + case.value, "All positions together would be worth", "gross", codes)


def positions(case: Case) -> Denial | None:
    """Deny one symbol more than may be held or entered at once."""
    count = case.totals.positions + (case.proposed.symbol not in case.totals.by_symbol)
    limit = case.limits["positions"]
    if count <= limit.value:
        return None
    sentence = f"{case.proposed.symbol} would be position {count}; at most {wording.count(limit.value)} are allowed."
    return denial(DenialCode.POSITIONS_EXCEEDED, sentence, count, limit)


def sector(case: Case) -> Denial | None:
    """Deny when the symbol's sector would be worth more than its share; the unclassified are one sector."""
    instrument, symbol = case.exposure.instrument, case.proposed.symbol
    name = (instrument.sector if instrument else "") or case.totals.sector_of.get(symbol, "")
    # A symbol classified only now still counts once: what it is worth already moves into its sector.
    counted_elsewhere = case.totals.sector_of.get(symbol, name) != name
    held = case.totals.by_symbol.get(symbol, NOTHING) if counted_elsewhere else NOTHING
    after = case.priced.by_sector.get(name, NOTHING) + held + case.value
    limit = case.limits["sector_fraction"]
    if after <= limit.value * case.equity:
        return None
    fraction = after / case.equity
    sentence = (
        f"The sector {name or 'of unclassified symbols'} would be {wording.percent(fraction)} of equity;"
        f" at most {wording.percent(limit.value)} is allowed."
    )
    return denial(DenialCode.SECTOR_EXCEEDED, sentence, fraction, limit)


def _within(
    case: Case, value: Decimal, what: str, limit_name: str, codes: tuple[DenialCode, DenialCode]
) -> Denial | None:
    share, dollars = case.limits[f"{limit_name}_fraction"], case.limits[f"{limit_name}_usd"]
    if value > share.value * case.equity:
        fraction = value / case.equity
        sentence = f"{what} {wording.percent(fraction)} of equity; at most {wording.percent(share.value)} is allowed."
        return denial(codes[0], sentence, fraction, share)
    if value > dollars.value:
        sentence = f"{what} {wording.usd(value)}; at most {wording.usd(dollars.value)} is allowed."
        return denial(codes[1], sentence, value, dollars)
    return None
