"""Limits, figures and instants as a person would say them, in denials, refusals and on the record. Pure."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

EXCHANGE = ZoneInfo("America/New_York")
"""The zone of every time in a sentence; each says so with "ET"."""

_TITLES = {
    "account_state_seconds": "age of the account's figures",
    "position_fraction": "position per symbol",
    "position_usd": "position per symbol in USD",
    "order_fraction": "order value",
    "order_usd": "order value in USD",
    "gross_fraction": "gross exposure",
    "gross_usd": "gross exposure in USD",
    "positions": "open positions",
    "sector_fraction": "sector exposure",
    "entries_day": "entries per day",
    "entries_symbol_day": "entries per symbol and day",
    "collar_large_fraction": "price collar of large stocks",
    "collar_fraction": "price collar",
    "drift_fraction": "price drift",
    "stop_min_fraction": "nearest stop",
    "stop_max_fraction": "farthest stop",
    "session_open_delay_seconds": "wait after the open",
    "session_close_buffer_seconds": "stop before the close",
    "allowed": "permission to trade",
    "open_risk_fraction": "open risk",
    "gap_fraction": "overnight gap",
    "messages_minute": "orders per minute",
    "messages_day": "orders per day",
    "market_entries": "entries without a price",
    "volume_fraction": "share of the day's volume",
    "price_floor_usd": "lowest share price",
    "average_volume_usd": "average day's volume in USD",
    "unresolved_seconds": "order without an outcome",
    "naked_seconds": "naked position",
    "day_loss_warn_fraction": "day loss that warns",
    "day_loss_fraction": "day loss",
    "day_loss_flatten_fraction": "day loss that closes all",
    "fills_in_a_row": "entries in a row",
    "rejects_burst": "burst of rejections",
    "errors_burst": "burst of errors",
    "passes_burst": "burst of unfinished passes",
    "slippage_fill_fraction": "slippage of one fill",
    "slippage_mean_fraction": "slippage on average",
    "data_silent_seconds": "silence of market data",
    "stream_silent_seconds": "silence of the stream",
    "skew_seconds": "clocks apart",
    "unacknowledged_seconds": "alert not acknowledged",
    "compare_working_seconds": "comparisons while orders work",
    "compare_idle_seconds": "comparisons while none work",
    "break_age_seconds": "age of an open case",
    "not_ours": "order or position that is not ours",
}


def title(name: str) -> str:
    """A limit's name for people: "gross_usd" is "gross exposure in USD"."""
    if name in _TITLES:
        return _TITLES[name]
    for ending, said in (("_fraction", ""), ("_seconds", ""), ("_usd", " in USD")):
        if name.endswith(ending):
            return name.removesuffix(ending).replace("_", " ") + said
    return name.replace("_", " ")


def figure(unit: str, value: Decimal) -> str:
    """A value in its limit's unit: "5.12 %", "$25,000", "5 minutes", "yes", "12"."""
    match unit:
        case "fraction":
            return percent(value)
        case "usd":
            return usd(value)
        case "seconds":
            return span(value)
        case "flag":
            return "yes" if value else "no"
    return count(value)


def percent(fraction: Decimal) -> str:
    """A fraction: 0.0512 is "5.12 %"."""
    return f"{(fraction * 100).quantize(Decimal('0.01')).normalize():f} %"


def usd(amount: Decimal) -> str:
    """An amount: "$1,234.50", "-$31.78", and whole dollars without cents."""
    sign, size = "-" if amount < 0 else "", abs(amount)
    return f"{sign}${size:,.0f}" if size == size.to_integral_value() else f"{sign}${size:,.2f}"


def price(amount: Decimal) -> str:
    """A price per share: cents always, and up to four decimals where a sub-penny price has them."""
    cents = amount == amount.quantize(Decimal("0.01"))
    return f"${amount:,.2f}" if cents else f"${amount:,.4f}"


def count(value: Decimal) -> str:
    """A number without trailing zeros and with thousands: "40", "0.25", "1,200"."""
    return f"{value.normalize():,f}" if value.is_finite() else str(value)


def span(seconds: Decimal | float) -> str:
    """A length of time: "45 seconds", "5 minutes"; fractions of a second only below ten."""
    whole = Decimal(str(seconds))
    if whole >= 60 and whole % 60 == 0:
        return counted(whole / 60, "minute")
    if abs(whole) < 10 and whole != whole.to_integral_value():
        return f"{whole:.1f} seconds"
    return counted(Decimal(round(whole)), "second")


def clock(at: datetime) -> str:
    """A time of day at the exchange: "09:30 ET", with seconds where there are any."""
    local = at.astimezone(EXCHANGE)
    return f"{local:%H:%M:%S} ET" if local.second else f"{local:%H:%M} ET"


def moment(at: datetime) -> str:
    """Day and time at the exchange: "2026-03-04 09:30 ET"."""
    return f"{at.astimezone(EXCHANGE):%Y-%m-%d} {clock(at)}"


def proof(method: str) -> str:
    """How somebody proved who votes; what is weaker says so wherever it is shown."""
    shown = {"webauthn": "security key", "totp": "code of an app, weaker"}
    return shown.get(method, "no second factor")


def request(kind: str, target: str) -> str:
    """What a request asks for: "to loosen gross exposure of the firm", "to release halt 3"."""
    what, _, key = target.partition(":")
    if kind == "limit.loosen":
        name, _, scope = key.partition("@")
        return f"to loosen {title(name)} of {'the firm' if scope == 'firm' else scope}"
    acts = {
        "halt.release": "to release",
        "golive": "to go live with",
        "strategy.change": "to change",
        "person.enrol": "to enrol",
        "person.change": "to reinstate",
        "factor.admit": "to admit to votes",
        "policy.adopt": "to adopt",
        "stage.rise": "to let rise the",
    }
    return f"{acts.get(kind, kind.replace('.', ' ').replace('_', ' ') + ' of')} {what} {key}".rstrip()


def counted(number: Decimal | int, noun: str) -> str:
    """A number with its noun: "1 session", "3 sessions"."""
    return f"{count(Decimal(number))} {noun}" if number == 1 else f"{count(Decimal(number))} {noun}s"
