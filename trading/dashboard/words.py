"""Figures, instants and ages as the desk writes them: a true minus, thousands, thin units, exchange time. Pure."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

EXCHANGE = ZoneInfo("America/New_York")
"""The zone every time on a page is written in; pages say so once, as "ET"."""

NOTHING = "–"
"""What stands where there is no figure."""

_THIN = "\u202f"
_MINUS = "\u2212"


def money(value: Decimal | None, places: int = 2) -> str:
    """USD with thousands, for instance "100,182.37"; a dash when not known."""
    return NOTHING if value is None else _plain(value, places)


def signed(value: Decimal | None, places: int = 2) -> str:
    """USD with its sign always shown, except for nothing at all: "+182.37", "−3.24", "0.00"."""
    if value is None:
        return NOTHING
    text = _plain(value, places)
    return f"+{text}" if value > 0 and text.strip("0.,") else text


def price(value: Decimal | None) -> str:
    """A price per share: two decimals, up to four where a sub-penny price has them."""
    if value is None:
        return NOTHING
    places = next((places for places in (2, 3) if value == round(value, places)), 4)
    return _plain(value, places)


def shares(value: Decimal | None) -> str:
    """A quantity without trailing zeros: "8", "0.25", "1,200"."""
    if value is None:
        return NOTHING
    text = f"{abs(value).normalize():,f}"
    return f"{_MINUS}{text}" if value < 0 else text


def percent(fraction: Decimal | None, places: int = 2) -> str:
    """A fraction as percent with a thin space: 0.0018 is "0.18 %"."""
    return NOTHING if fraction is None else f"{_plain(fraction * 100, places)}{_THIN}%"


def signed_percent(fraction: Decimal | None, places: int = 2) -> str:
    """A fraction as percent with its sign always shown."""
    return NOTHING if fraction is None else f"{signed(fraction * 100, places)}{_THIN}%"


def tone(value: Decimal | None) -> str:
    """The class that colours money: "up", "dn", or nothing for zero and for what is not known."""
    if not value:
        return ""
    return "up" if value > 0 else "dn"


def clock(at: datetime | None) -> str:
    """Time of day at the exchange, for instance "10:41:07"."""
    return NOTHING if at is None else f"{at.astimezone(EXCHANGE):%H:%M:%S}"


def moment(at: datetime | None, today: date) -> str:
    """Time at the exchange, with the day in front where it is not `today`."""
    if at is None:
        return NOTHING
    local = at.astimezone(EXCHANGE)
    return f"{local:%H:%M:%S}" if local.date() == today else f"{local:%Y-%m-%d %H:%M}"


def brief(at: datetime, today: date) -> str:
    """Time of day at the exchange, or only the day where it is not `today`: for narrow columns."""
    local = at.astimezone(EXCHANGE)
    return f"{local:%H:%M:%S}" if local.date() == today else f"{local.day} {local:%b}"


def exchange_date(at: datetime) -> date:
    """The calendar day of an instant at the exchange."""
    return at.astimezone(EXCHANGE).date()


def age(seconds: float) -> str:
    """How long ago, as fine as it matters: "0.3 s", "42 s", "14 min", "5 h 18 m", "3 d"."""
    seconds = max(seconds, 0)
    if seconds < 10:
        return f"{seconds:.1f}{_THIN}s"
    if seconds < 120:
        return f"{int(seconds)}{_THIN}s"
    if seconds < 3600:
        return f"{int(seconds // 60)}{_THIN}min"
    if seconds < 48 * 3600:
        return f"{int(seconds // 3600)}{_THIN}h {int(seconds % 3600 // 60)}{_THIN}m"
    return f"{int(seconds // 86400)}{_THIN}d"


def span(seconds: Decimal) -> str:
    """A length of time that somebody chose: "45 s", "5 min"."""
    if seconds >= 120 and seconds % 60 == 0:
        return f"{shares(seconds / 60)}{_THIN}min"
    return f"{shares(seconds)}{_THIN}s"


def plural(count: int, one: str, many: str = "") -> str:
    """A count with its noun: "1 order", "3 orders"."""
    return f"{count:,}{_THIN}{one if count == 1 else many or one + 's'}"


def _plain(value: Decimal, places: int) -> str:
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = f"{abs(rounded):,.{places}f}"
    return f"{_MINUS}{text}" if rounded < 0 else text
