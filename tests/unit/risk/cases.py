"""An entry that every control lets pass, to be spoilt by one field at a time."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from risk import policy, pre_trade
from risk.exposure import (
    Denial,
    Exposure,
    Holding,
    InstrumentFacts,
    ProposedOrder,
    Quote,
    SessionWindow,
    Working,
)
from risk.pre_trade import totals
from risk.pre_trade.case import Case
from risk.standing import HaltInForce, HaltView, LimitInForce, Limits

NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
OPEN_AT, CLOSE_AT = datetime(2026, 3, 4, 14, 30, tzinfo=UTC), datetime(2026, 3, 4, 21, 0, tzinfo=UTC)


def D(figure: str) -> Decimal:
    return Decimal(figure)


ENTRY = ProposedOrder(
    intent_id="6d1c", account="PA1", mode="paper", strategy="trend", symbol="AAPL", side="buy", quantity=D("40"),
    order_type="limit", time_in_force="gtc", purpose="entry", limit_price=D("100.00"), take_profit_price=D("106.00"),
    stop_loss_price=D("98.00"), order_class="bracket", signal_id="s1", reference_price=D("100.00"),
)  # fmt: skip

INSTRUMENT = InstrumentFacts(
    "AAPL", tradable=True, exchange="NASDAQ", sector="Technology", leveraged=False, average_volume=D("50000000"),
    average_volume_date=date(2026, 3, 3),
)  # fmt: skip

ACCOUNT = Exposure(
    account="PA1", mode="paper", state_known_at=NOW - timedelta(seconds=2), now=NOW, market_now=NOW,
    equity=D("100000"), last_equity=D("100000"), cash=D("100000"), buying_power=D("100000"),
    intraday_adjustments=D("0"), account_status="ACTIVE", trading_blocked=False, account_blocked=False,
    trade_suspended=False, shorting_enabled=False, pinned_number="PA1", pinned_mode="paper",
    quote=Quote("AAPL", D("99.98"), D("100.02"), NOW - timedelta(seconds=1)), mid_before=D("100.00"),
    instrument=INSTRUMENT,
    session=SessionWindow(True, date(2026, 3, 4), OPEN_AT, CLOSE_AT), messages_today=0,
)  # fmt: skip

POLICY = Limits({b.name: LimitInForce(b.name, b.default, 1, "firm") for b in policy.BOUNDS.values()})
CLEAR = HaltView(readable=True)


def case(
    *, proposed: ProposedOrder = ENTRY, exposure: Exposure = ACCOUNT, limits: Limits = POLICY, halts: HaltView = CLEAR
) -> Case:
    return Case(proposed, exposure, totals.of(exposure), limits, halts)


def entry(**changes: Any) -> Case:
    """The good entry with fields of the order changed."""
    return case(proposed=replace(ENTRY, **changes))


def account(**changes: Any) -> Case:
    """The good entry with fields of the account changed."""
    return case(exposure=replace(ACCOUNT, **changes))


def leaving(purpose: str = "exit", **changes: Any) -> ProposedOrder:
    """An order that sells what is held."""
    plain: dict[str, Any] = {"side": "sell", "purpose": purpose, "order_class": "simple", "take_profit_price": None}
    return replace(ENTRY, **{**plain, "stop_loss_price": None, **changes})


def held(quantity: str, symbol: str = "AAPL", price: str | None = "100", sector: str = "Technology") -> Holding:
    return Holding(symbol, D(quantity), D("100"), None if price is None else D(price), sector)


def working(quantity: str, symbol: str = "AAPL", price: str = "100", **changes: Any) -> Working:
    order = Working(f"w-{symbol}", symbol, "buy", D(quantity), D(price), "entry", "accepted", sector="Technology")
    return replace(order, **changes)


def with_limit(name: str, value: str) -> Limits:
    return Limits({**POLICY.by_name, name: LimitInForce(name, D(value), 2, "firm")})


def halted(level: str) -> HaltView:
    return HaltView(True, (HaltInForce(7, level, "account PA1", "drill", "ann"),))


def codes(judged: Case) -> list[str]:
    """Codes of every refusal, in table order."""
    return [denial.code for denial in pre_trade.judge(judged)]


def refusal(judged: Case, number: int) -> Denial | None:
    """What one control alone says."""
    control = next(control for control in pre_trade.CONTROLS if control.number == number)
    return pre_trade.ask(control, judged)


def code(judged: Case, number: int) -> str:
    """The code of one control's refusal; empty when it lets pass."""
    denial = refusal(judged, number)
    return denial.code if denial else ""
