"""The controls at trade: what an account does is watched while it does it. Pure judges over frozen values."""

from collections.abc import Callable
from dataclasses import dataclass

from risk import blindness
from risk.at_trade import conduct, drift, losses, market
from risk.at_trade.values import Alarm, AlarmCode, Watched
from risk.blindness import Blind
from risk.standing import Limits

_A = AlarmCode


@dataclass(frozen=True, slots=True)
class Monitor:
    """One row of the table: its number, what judges, what it may say, which limits it reads, whom it answers."""

    number: int
    name: str
    judge: Callable[[Watched, Limits], tuple[Alarm, ...]]
    codes: tuple[AlarmCode, ...]
    limits: tuple[str, ...]
    demand: str


MONITORS: tuple[Monitor, ...] = (
    Monitor(
        30, "Loss of the day", losses.day,
        (_A.LOSS_DAY_FLATTENED, _A.LOSS_DAY_HALTED, _A.LOSS_DAY_WARNED),
        ("day_loss_warn_fraction", "day_loss_fraction", "day_loss_flatten_fraction"),
        "15c3-5(c)(1)(i); RTS 6 Art. 15(4), 16",
    ),
    Monitor(
        31, "Loss of the week, drawdown from the peak", losses.longer, (_A.LOSS_WEEK_HALTED, _A.DRAWDOWN_HALTED),
        ("week_loss_fraction", "drawdown_fraction"), "RTS 6 Art. 15(4), 16; FIA post-trade limits",
    ),
    Monitor(
        32, "Repeated execution", conduct.repetition, (_A.REPEATED_FILLS, _A.REPEATED_STOPS),
        ("fills_in_a_row", "stops_in_a_row"), "RTS 6 Art. 15(3)",
    ),
    Monitor(
        33, "Burst of rejections or errors", conduct.bursts, (_A.REJECTS_BURST, _A.ERRORS_BURST),
        ("rejects_burst", "errors_burst"), "RTS 6 Art. 16; FIA system safeguards",
    ),
    Monitor(
        34, "Slippage", conduct.slippage, (_A.SLIPPAGE_MEAN_HALTED, _A.SLIPPAGE_FILL_WARNED),
        ("slippage_fill_fraction", "slippage_mean_fraction"), "RTS 6 Art. 16, 17",
    ),
    Monitor(
        27, "Order without a known outcome", conduct.unresolved, (_A.ORDER_UNRESOLVED,), ("unresolved_seconds",),
        "RTS 6 Art. 16, 17",
    ),
    Monitor(
        29, "Naked position", conduct.naked, (_A.POSITION_NAKED,), ("naked_seconds",), "house rule",
    ),
    Monitor(
        6, "Exposure that drifted", drift.exposure, 
        (_A.POSITION_DRIFTED, _A.GROSS_DRIFTED, _A.GAP_DRIFTED),
        ("position_fraction", "gross_fraction", "gap_fraction"), "RTS 6 Art. 16; FIA post-trade limits",
    ),
    Monitor(
        38, "Market-wide halt or fall", market.market_wide,
        (_A.MARKET_HALTED, _A.MARKET_FELL_20, _A.MARKET_FELL_13, _A.MARKET_FELL_7), (),
        "RTS 6 Art. 16, 17; market-wide circuit breakers of 7, 13 and 20 %",
    ),
)  # fmt: skip
"""In the order they are asked. Numbers are those of docs/controls.md."""


def judge(watched: Watched, limits: Limits) -> tuple[tuple[Alarm, ...], tuple[Blind, ...]]:
    """Run the table once: everything that alarms, and every monitor that could not see."""
    return blindness.ask_all(MONITORS, watched, limits, called="Monitor")
