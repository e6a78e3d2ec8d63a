"""The controls before a trade: the table that orders them, and the judge that runs it. Pure; fails closed."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from risk.exposure import Denial, DenialCode
from risk.pre_trade import activity, execution, market, numbers, protection, size, standing_checks, stress
from risk.pre_trade.case import Case
from risk.standing import Unjudgeable

_C = DenialCode


@dataclass(frozen=True, slots=True)
class Control:
    """One row of the table: its number, what runs, what it may say, which limits it reads, whom it answers."""

    number: int
    name: str
    check: Callable[[Case], Denial | None]
    codes: tuple[DenialCode, ...]
    limits: tuple[str, ...]
    demand: str
    judges_exits: bool = False
    decisive: bool = False
    """The rest cannot be judged when this one denies."""


CONTROLS: tuple[Control, ...] = (
    Control(
        1, "Halt latch, stage and live approval", standing_checks.latch,
        (_C.HALTED, _C.HALT_STATE_UNREADABLE, _C.STAGE_NOT_LIVE, _C.LIVE_NOT_APPROVED), (),
        "RTS 6 Art. 12, 5; FIA kill switch", judges_exits=True,
    ),
    Control(
        26, "Number sanity", numbers.sanity,
        (_C.ORDER_MALFORMED, _C.NUMBER_INVALID, _C.NUMBER_AMBIGUOUS, _C.NUMBER_OFF_TICK, _C.NUMBER_OFF_LOT), (),
        "15c3-5(c)(1)(ii)", judges_exits=True, decisive=True,
    ),
    Control(
        2, "Environment pin", standing_checks.environment, (_C.ENVIRONMENT_UNPROVED, _C.ENVIRONMENT_MISMATCH), (),
        "15c3-5(c)(2)(iii)", judges_exits=True,
    ),
    Control(
        3, "Account flags", standing_checks.account_flags,
        (_C.ACCOUNT_BLOCKED, _C.ACCOUNT_INACTIVE, _C.ACCOUNT_STALE), ("account_state_seconds",),
        "15c3-5(c)(2)(i)", judges_exits=True,
    ),
    Control(
        4, "Position per symbol", size.position, (_C.POSITION_FRACTION_EXCEEDED, _C.POSITION_USD_EXCEEDED),
        ("position_fraction", "position_usd"), "15c3-5(c)(1)(i); RTS 6 Art. 15(4)",
    ),
    Control(
        5, "Single order value", size.order, (_C.ORDER_FRACTION_EXCEEDED, _C.ORDER_USD_EXCEEDED),
        ("order_fraction", "order_usd"), "15c3-5(c)(1)(ii); RTS 6 Art. 15(1)(b)",
    ),
    Control(
        6, "Gross exposure", size.gross, (_C.GROSS_FRACTION_EXCEEDED, _C.GROSS_USD_EXCEEDED),
        ("gross_fraction", "gross_usd"), "15c3-5(c)(1)(i); RTS 6 Art. 15(4)",
    ),
    Control(7, "Open positions", size.positions, (_C.POSITIONS_EXCEEDED,), ("positions",), "RTS 6 Art. 8"),
    Control(8, "Sector", size.sector, (_C.SECTOR_EXCEEDED,), ("sector_fraction",), "FIA concentration"),
    Control(
        9, "Open risk if all stops are hit", stress.open_risk, (_C.OPEN_RISK_EXCEEDED,), ("open_risk_fraction",),
        "15c3-5(c)(1)(i); RTS 6 Art. 15(4)",
    ),
    Control(
        10, "Overnight gap stress", stress.overnight_gap, (_C.GAP_STRESS_EXCEEDED,), ("gap_fraction",),
        "RTS 6 Art. 15(4); FIA portfolio limits",
    ),
    Control(
        11, "Entries per day", activity.entries, (_C.ENTRIES_DAY_REACHED, _C.ENTRIES_SYMBOL_REACHED),
        ("entries_day", "entries_symbol_day"), "RTS 6 Art. 15(3)",
    ),
    Control(
        12, "Messages per minute and day", activity.messages,
        (_C.MESSAGES_MINUTE_REACHED, _C.MESSAGES_DAY_REACHED), ("messages_minute", "messages_day"),
        "RTS 6 Art. 15(1)(d); 15c3-5(c)(1)(ii)",
    ),
    Control(
        14, "Order type", execution.order_type, (_C.ORDER_TYPE_REFUSED, _C.ORDER_TIME_REFUSED), ("market_entries",),
        "15c3-5(c)(1)(ii); FIA erroneous orders",
    ),
    Control(
        15, "Quote", market.quote, (_C.QUOTE_INVALID, _C.QUOTE_STALE, _C.QUOTE_WIDE),
        ("quote_age_seconds", "spread_fraction"), "15c3-5(c)(1)(ii)",
    ),
    Control(
        13, "Price collar", market.collar, (_C.PRICE_OFF_COLLAR, _C.PRICE_DRIFTED),
        ("collar_large_fraction", "collar_fraction", "drift_fraction"), "15c3-5(c)(1)(ii); RTS 6 Art. 15(1)(a)",
    ),
    Control(
        16, "Liquidity", execution.liquidity,
        (_C.LIQUIDITY_PRICE_LOW, _C.LIQUIDITY_VOLUME_LOW, _C.LIQUIDITY_SHARE_EXCEEDED),
        ("price_floor_usd", "average_volume_usd", "volume_fraction"), "RTS 6 Art. 15(1)(c); 15c3-5(c)(1)(ii)",
    ),
    Control(
        17, "Allow-list", market.allow_list,
        (_C.SYMBOL_NOT_ALLOWED, _C.SYMBOL_NOT_TRADABLE, _C.SYMBOL_LEVERAGED, _C.SYMBOL_OTC), ("allowed",),
        "15c3-5(c)(2)(ii); RTS 6 Art. 8",
    ),
    Control(18, "Restricted list", market.restricted, (_C.SYMBOL_RESTRICTED,), (), "15c3-5(c)(2)(ii)"),
    Control(
        19, "Session", market.session,
        (_C.SESSION_CLOSED, _C.SESSION_TOO_EARLY, _C.SESSION_TOO_LATE, _C.SESSION_EXTENDED),
        ("session_open_delay_seconds", "session_close_buffer_seconds"), "15c3-5(c)(2)(i)",
    ),
    Control(
        20, "Duplicate", activity.duplicate, (_C.DUPLICATE_ORDER, _C.DUPLICATE_SIGNAL), ("duplicate_window_seconds",),
        "15c3-5(c)(1)(ii)", judges_exits=True,
    ),
    Control(
        21, "Self-cross", execution.self_cross, (_C.SELF_CROSS,), (),
        "15c3-5(c)(2)(i), wash trades; FIA self-match prevention",
    ),
    Control(
        22, "Stop with the entry", protection.stop,
        (_C.STOP_MISSING, _C.STOP_WRONG_SIDE, _C.STOP_TOO_NEAR, _C.STOP_TOO_FAR),
        ("stop_min_fraction", "stop_max_fraction"), "house rule",
    ),
    Control(
        23, "Cash and buying power", protection.cash, (_C.CASH_BUFFER_BROKEN, _C.CASH_POWER_SHORT),
        ("cash_buffer_fraction",), "15c3-5(c)(1)(i)",
    ),
    Control(
        24, "Long only, and only what is held", protection.long_only,
        (_C.SHORT_REFUSED, _C.SHORT_OPEN_AT_BROKER, _C.EXIT_EXCEEDS_HOLDING), ("long_only",),
        "15c3-5(c)(2)(i), Regulation SHO", judges_exits=True,
    ),
    Control(
        25, "Loss budget of the day", activity.loss_budget, (_C.LOSS_DAY_REACHED, _C.LOSS_BUDGET_EXCEEDED),
        ("day_loss_fraction",), "RTS 6 Art. 15(4)",
    ),
    Control(
        38, "Symbol paused by the exchange", market.paused, (_C.SYMBOL_PAUSED,), (),
        "15c3-5(c)(2)(i); limit up, limit down",
    ),
    Control(43, "Blocked symbol", market.blocked_symbol, (_C.SYMBOL_BLOCKED,), (), "RTS 6 Art. 17"),
)  # fmt: skip
"""In the order they are asked; the first that denies names the verdict. Numbers are those of docs/controls.md."""

ANY_CONTROL = (_C.INPUT_MISSING, _C.LIMIT_MISSING, _C.CHECK_FAILED)
"""What every control may say besides its own codes."""

BROKEN_CODES = frozenset({_C.LOSS_DAY_REACHED})
"""Denials that say the account already stands beyond a limit, not only that the order would take it there."""


_EXIT_CONTROLS = tuple(control for control in CONTROLS if control.judges_exits)


def judge(case: Case) -> tuple[Denial, ...]:
    """Run the table on one case and return every refusal; an empty answer is a yes."""
    denials: list[Denial] = []
    for control in CONTROLS if case.proposed.is_entry else _EXIT_CONTROLS:
        # As `ask` does, without a call of its own: nearly every check of nearly every order says nothing.
        try:
            refusal = control.check(case)
        except Exception as failure:
            refusal = _failed(control, failure)
        if refusal is None:
            continue
        denials.append(replace(refusal, control=control.number))
        if control.decisive:
            break
    return tuple(denials)


def ask(control: Control, case: Case) -> Denial | None:
    """Run one control. A missing figure denies, and so does any exception inside the check."""
    try:
        refusal = control.check(case)
    except Exception as failure:
        refusal = _failed(control, failure)
    return None if refusal is None else replace(refusal, control=control.number)


def _failed(control: Control, failure: Exception) -> Denial:
    if isinstance(failure, Unjudgeable):
        return Denial(failure.code, control.number, failure.sentence)
    sentence = f"Control {control.number} ({control.name}) failed with {type(failure).__name__}; nothing is sent."
    return Denial(_C.CHECK_FAILED, control.number, sentence, type(failure).__name__)
