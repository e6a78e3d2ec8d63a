"""The shipped policy "small robot": every limit's default, its ceiling in code, and which way is stricter.

No row exceeds a ceiling. The defaults are the house's own for a small account; no regulation gives a number. Fractions
are of broker equity unless said otherwise.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

NAME = "small robot"
VERSION = "small-robot-6"
"""Part of every sign-off's hash: change it whenever a default, a ceiling or a rule of this module changes."""

FRACTION, USD, COUNT, SECONDS, FLAG = "fraction", "usd", "count", "seconds", "flag"


class Stricter(StrEnum):
    """Which direction of a value tightens."""

    LOWER = "lower"
    HIGHER = "higher"


@dataclass(frozen=True, slots=True)
class Bound:
    """One limit: its default, and the loosest value any row may hold."""

    name: str
    control: int
    unit: str
    default: Decimal
    ceiling: Decimal
    meaning: str
    stricter: Stricter = Stricter.LOWER
    per_symbol_only: bool = False
    """The firm has no such row: each symbol is given its own, and without one the answer is no."""

    def is_stricter(self, first: Decimal, second: Decimal) -> bool:
        """Is `first` strictly tighter than `second`?"""
        return first < second if self.stricter is Stricter.LOWER else first > second

    def strictest(self, first: Decimal, second: Decimal) -> Decimal:
        """Return the tighter of two values."""
        return first if self.is_stricter(first, second) else second


def _bound(
    name: str, control: int, unit: str, default: str, ceiling: str, meaning: str, stricter: Stricter = Stricter.LOWER
) -> Bound:
    return Bound(name, control, unit, Decimal(default), Decimal(ceiling), meaning, stricter)


_HIGHER = Stricter.HIGHER

_ALL = (
    _bound("account_state_seconds", 3, SECONDS, "30", "120", "oldest figures of the account an entry may use"),
    _bound("position_fraction", 4, FRACTION, "0.05", "0.05", "one symbol: held, working and proposed"),
    _bound("position_usd", 4, USD, "25000", "100000", "the same in dollars; the lower of both binds"),
    _bound("order_fraction", 5, FRACTION, "0.05", "0.05", "one order's value"),
    _bound("order_usd", 5, USD, "10000", "50000", "one order's value in dollars"),
    _bound("gross_fraction", 6, FRACTION, "0.60", "1.00", "all symbols together, longs and shorts added; no leverage"),
    _bound("gross_usd", 6, USD, "250000", "1000000", "the same in dollars"),
    _bound("positions", 7, COUNT, "12", "20", "symbols held or being entered"),
    _bound("sector_fraction", 8, FRACTION, "0.15", "0.30", "one sector; the unclassified count as one"),
    _bound("open_risk_fraction", 9, FRACTION, "0.01", "0.02", "lost if every stop is hit; all of what has none"),
    _bound("gap_fraction", 10, FRACTION, "0.02", "0.04", "lost if the largest gaps by 20 %, the others by 5 %"),
    _bound("entries_day", 11, COUNT, "10", "20", "entries of an account in one session"),
    _bound("entries_symbol_day", 11, COUNT, "2", "5", "entries in one symbol in one session"),
    _bound("messages_minute", 12, COUNT, "10", "30", "orders of an account within a minute; entries have half"),
    _bound("messages_day", 12, COUNT, "200", "500", "orders of an account in one session; entries have half"),
    _bound("collar_large_fraction", 13, FRACTION, "0.01", "0.03", "price away from the quote's middle, large stocks"),
    _bound("collar_fraction", 13, FRACTION, "0.02", "0.05", "price away from the quote's middle, other stocks"),
    _bound("drift_fraction", 13, FRACTION, "0.03", "0.10", "movement of the middle within five minutes"),
    _bound("market_entries", 14, FLAG, "0", "1", "an entry may be a plain market or stop order"),
    _bound("quote_age_seconds", 15, SECONDS, "5", "15", "oldest quote an entry may use"),
    _bound("spread_fraction", 15, FRACTION, "0.005", "0.02", "ask less bid, of the middle"),
    _bound("volume_fraction", 16, FRACTION, "0.005", "0.02", "one order, of the average day's volume"),
    _bound("price_floor_usd", 16, USD, "5", "1", "cheapest share that may be entered", _HIGHER),
    _bound("average_volume_usd", 16, USD, "10000000", "1000000", "value traded on an average day", _HIGHER),
    Bound("allowed", 17, FLAG, Decimal(1), Decimal(1), "the symbol is on the allow-list", per_symbol_only=True),
    _bound("session_open_delay_seconds", 19, SECONDS, "300", "0", "no entry sooner after the open", _HIGHER),
    _bound("session_close_buffer_seconds", 19, SECONDS, "600", "60", "no entry nearer to the close", _HIGHER),
    _bound("duplicate_window_seconds", 20, SECONDS, "60", "10", "same symbol, side and size are a repeat", _HIGHER),
    _bound("stop_min_fraction", 22, FRACTION, "0.01", "0.0025", "nearest stop, of the entry price", _HIGHER),
    _bound("stop_max_fraction", 22, FRACTION, "0.03", "0.05", "farthest stop, of the entry price"),
    _bound("cash_buffer_fraction", 23, FRACTION, "0.05", "0", "cash left after working and proposed entries", _HIGHER),
    _bound("long_only", 24, FLAG, "1", "1", "no short sale, here and at the broker", _HIGHER),
    _bound("day_loss_fraction", 25, FRACTION, "0.01", "0.02", "loss since the last close, of the equity then"),
    _bound("unresolved_seconds", 27, SECONDS, "120", "300", "an order without a known outcome before entries stop"),
    _bound("naked_seconds", 29, SECONDS, "30", "60", "a holding without a live stop before it alarms"),
    _bound("day_loss_warn_fraction", 30, FRACTION, "0.005", "0.02", "loss of the day that warns"),
    _bound("day_loss_flatten_fraction", 30, FRACTION, "0.02", "0.03", "loss of the day that closes every position"),
    _bound("week_loss_fraction", 31, FRACTION, "0.03", "0.05", "loss since the week began"),
    _bound("drawdown_fraction", 31, FRACTION, "0.05", "0.10", "loss since the peak, transfers taken out"),
    _bound("fills_in_a_row", 32, COUNT, "10", "20", "entries of a strategy in a symbol without a gain between"),
    _bound("stops_in_a_row", 32, COUNT, "3", "5", "stops of a strategy in a symbol without a gain between"),
    _bound("rejects_burst", 33, COUNT, "3", "5", "orders the broker rejected within 5 minutes"),
    _bound("errors_burst", 33, COUNT, "5", "10", "sends that failed or went unanswered within a minute"),
    _bound("passes_burst", 33, COUNT, "3", "5", "passes begun within 10 minutes and not finished a minute later"),
    _bound("slippage_fill_fraction", 34, FRACTION, "0.005", "0.02", "one fill worse than the middle it was decided on"),
    _bound("slippage_mean_fraction", 34, FRACTION, "0.0025", "0.01", "mean of the last 10 fills worse than that"),
    _bound("data_silent_seconds", 35, SECONDS, "180", "300", "age of the newest bar, by the market's clock, before H1"),
    _bound("stream_silent_seconds", 35, SECONDS, "180", "300", "a living stream that tells nothing before H1"),
    _bound("skew_seconds", 36, SECONDS, "2", "5", "our clock off the broker's or the database's before H1"),
    _bound("unacknowledged_seconds", 40, SECONDS, "900", "1800", "a critical alert nobody takes up before H1"),
    _bound("compare_working_seconds", 41, SECONDS, "10", "30", "between comparisons with the broker, orders working"),
    _bound("compare_idle_seconds", 41, SECONDS, "60", "120", "between comparisons with the broker, none working"),
    _bound("break_age_seconds", 43, SECONDS, "900", "900", "a difference from the broker stays open before H1"),
)  # fmt: skip

BOUNDS: dict[str, Bound] = {bound.name: bound for bound in _ALL}


def within_ceiling(bound: Bound, value: Decimal) -> bool:
    """May a row hold this value?"""
    return not bound.is_stricter(bound.ceiling, value)


def is_tightening(name: str, old: Decimal | None, new: Decimal, *, firm: bool = False) -> bool:
    """Does going from `old` to `new` leave at most what was allowed before? Unknown names never tighten.

    `old` is None where no row is in force. For the firm, and for a limit that each symbol needs a row of, no row
    allows nothing; for a narrower scope it restricts nothing, because the strictest in force wins.
    """
    bound = BOUNDS.get(name)
    if bound is None:
        return False
    if old is None:
        return not (firm or bound.per_symbol_only)
    return old == new or bound.is_stricter(new, old)
