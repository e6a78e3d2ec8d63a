"""May I? Limits, halts and checks put together into one verdict; and the look at the latch that a drill takes alone."""

import logging
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.db import DatabaseError

from risk import breaches, halts, in_force, latch, pre_trade
from risk.exposure import Exposure, ProposedOrder, Verdict
from risk.pre_trade import totals
from risk.pre_trade.case import Case
from risk.standing import HaltView

logger = logging.getLogger(__name__)

_FIGURES = (
    "equity",
    "last_equity",
    "cash",
    "buying_power",
    "intraday_adjustments",
    "account_status",
    "pinned_number",
    "pinned_mode",
    "state_known_at",
    "now",
    "market_now",
    "mid_before",
    "entries_today",
    "entries_today_symbol",
    "messages_today",
)


def authorise(
    proposed: ProposedOrder, exposure: Exposure, *, now: datetime, sums: totals.Totals | None = None
) -> Verdict:
    """Judge one order against the account as it stands; call it under the account's row lock.

    One query to judge, one more to note breaches. Where limits or halts cannot be read, the answer is no. `sums` are
    those of the whole account where `exposure` holds the rows of the one symbol alone.
    """
    binding, open_halts = in_force.read(proposed, now=now)
    case = Case(
        proposed=proposed,
        exposure=exposure,
        totals=totals.of(exposure) if sums is None else sums,
        limits=binding,
        halts=open_halts,
    )
    denials = pre_trade.judge(case)
    if any(denial.limit_name for denial in denials):
        session_date = exposure.session.session_date if exposure.session else None
        breaches.note(
            denials,
            proposed,
            broken=pre_trade.BROKEN_CODES,
            session_date=session_date or exposure.market_now.date(),
            now=now,
        )
    return Verdict(not denials, denials, case.limits.versions, _inputs(case))


def permits_now(*, account: str, strategy: str, symbol: str, purpose: str) -> str:
    """Look at the latch alone, held open until the caller's transaction ends; two queries. A decision has it with more.

    Return why an order may not go, or an empty text. A latch that cannot be read lets nothing go.
    """
    try:
        latch.keep_open()
    except DatabaseError:
        logger.exception("the halt latch cannot be held; nothing is sent")
        return HaltView(readable=False).refusal(purpose)
    # A statement of its own, after the lock: its snapshot must be younger than a halt we have waited for.
    return halts.state(account=account, strategy=strategy, symbol=symbol).refusal(purpose)


def _inputs(case: Case) -> dict[str, Any]:
    """What was read, as plain values that canonical JSON can hold."""
    exposure, sums = case.exposure, case.totals
    symbol = case.proposed.symbol
    return {
        "proposed": _plain(case.proposed),
        "account": {name: _plain(getattr(exposure, name)) for name in _FIGURES},
        "quote": _plain(exposure.quote),
        "instrument": _plain(exposure.instrument),
        "session": _plain(exposure.session),
        "holding": _plain(exposure.holding(symbol)),
        "totals": {
            "gross": _plain(sums.gross),
            "symbol": _plain(sums.by_symbol.get(symbol, totals.NOTHING)),
            "reserved": _plain(sums.reserved),
            "positions": sums.positions,
            "unpriced": list(sums.unpriced),
            "open_risk": _plain(sums.open_risk),
            "largest": _plain(sums.largest),
            "orders_last_minute": sums.last_minute,
        },
        "halts": [_plain(halt) for halt in case.halts.halts],
        "live_permission": list(exposure.live_permission),
        "limits": {name: _plain(limit.value) for name, limit in case.limits.by_name.items()},
    }


_AS_THEY_ARE = frozenset({str, int, bool, type(None)})


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    if kind is Decimal:
        return f"{value:f}"
    # Dates and instants; words of an enumeration, which are texts; everything else is a frozen value of ours.
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str | int):
        return value
    return {name: _plain(getattr(value, name)) for name in _names(kind)}  # type: ignore[arg-type]  # a class is hashable


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))
