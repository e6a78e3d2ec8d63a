"""Alpaca's account, positions, calendar, assets and prices as the port's values. Pure.

Unlike an order, a figure that cannot be read is refused (`WireError`): a missing balance must stop a decision, not
become zero.
"""

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from trading.broker import wire_scalars as wire
from trading.broker.gateway import (
    AccountReport,
    AssetReport,
    BarReport,
    CalendarDay,
    ClockReport,
    PositionReport,
    QuoteReport,
    StatusReport,
    TransferReport,
)
from trading.broker.wire_scalars import WireError

log = logging.getLogger(__name__)

NEW_YORK = ZoneInfo("America/New_York")


def account_report(body: Any) -> AccountReport:
    """Read the account. A blocking flag that is not told counts as set; figures removed by Alpaca count as zero."""
    source = wire.member(body, "account")
    number = wire.text(source.get("account_number"))
    if not number:
        raise WireError("account: it has no account_number")
    return AccountReport(
        number=number,
        status=wire.text(source.get("status")),
        cash=wire.required(source, "cash"),
        equity=wire.required(source, "equity"),
        last_equity=wire.required(source, "last_equity"),
        buying_power=wire.required(source, "buying_power"),
        long_market_value=wire.required(source, "long_market_value"),
        intraday_adjustments=wire.number(source.get("intraday_adjustments")) or Decimal(0),
        trading_blocked=source.get("trading_blocked") is not False,
        account_blocked=source.get("account_blocked") is not False,
        trade_suspended_by_user=source.get("trade_suspended_by_user") is not False,
        shorting_enabled=source.get("shorting_enabled") is True,
        multiplier=wire.number(source.get("multiplier")) or Decimal(1),
    )


def position_report(body: Any) -> PositionReport:
    """Read one position; short when the side says so, whichever sign the quantity has."""
    source = wire.member(body, "position")
    symbol, quantity = wire.text(source.get("symbol")), wire.required(source, "qty")
    if not symbol:
        raise WireError("position: it names no symbol")
    return PositionReport(
        symbol=symbol,
        quantity=-abs(quantity) if source.get("side") == "short" else quantity,
        average_price=wire.required(source, "avg_entry_price"),
        market_price=wire.price(source.get("current_price")),
        market_value=wire.number(source.get("market_value")),
        available=wire.number(source.get("qty_available")),
    )


def position_reports(body: Any) -> tuple[PositionReport, ...]:
    return tuple(position_report(each) for each in wire.members(body, "positions"))


def clock_report(body: Any) -> ClockReport:
    source = wire.member(body, "clock")
    return ClockReport(
        at=wire.required_instant(source, "timestamp"),
        is_open=source.get("is_open") is True,
        next_open=wire.required_instant(source, "next_open"),
        next_close=wire.required_instant(source, "next_close"),
    )


def calendar_days(body: Any) -> tuple[CalendarDay, ...]:
    """Read sessions; the broker writes New York wall-clock times without a zone."""
    return tuple(_calendar_day(wire.member(each, "calendar day")) for each in wire.members(body, "calendar"))


def _calendar_day(source: dict[str, Any]) -> CalendarDay:
    try:
        day = date.fromisoformat(wire.text(source.get("date")))
        opens, closes = (_new_york(day, wire.text(source.get(name))) for name in ("open", "close"))
    except ValueError as problem:
        raise WireError(f"calendar day: {problem}") from None
    return CalendarDay(date=day, open_at=opens, close_at=closes)


def _new_york(day: date, wall_clock: str) -> datetime:
    return (
        datetime.strptime(wall_clock, "%H:%M")
        .replace(year=day.year, month=day.month, day=day.day, tzinfo=NEW_YORK)
        .astimezone(UTC)
    )


def transfer_report(body: Any) -> TransferReport:
    """Read one activity that is no trade. Raises `WireError` without an id, a day or an amount.

    Where the broker tells the day alone it counts from that day's beginning in New York, before its session.
    """
    source = wire.member(body, "activity")
    activity_id, amount = wire.text(source.get("id")), wire.number(source.get("net_amount"))
    if not activity_id or amount is None:
        raise WireError(f"activity {activity_id or '(no id)'}: it names no amount")
    if source.get("created_at"):
        at = wire.required_instant(source, "created_at")
    else:
        try:
            at = _new_york(date.fromisoformat(wire.text(source.get("date"))), "00:00")
        except ValueError as problem:
            raise WireError(f"activity {activity_id}: {problem}") from None
    return TransferReport(activity_id, wire.text(source.get("activity_type")), amount, at)


def asset_report(body: Any) -> AssetReport:
    source = wire.member(body, "asset")
    return AssetReport(
        symbol=wire.text(source.get("symbol")),
        name=wire.text(source.get("name")),
        exchange=wire.text(source.get("exchange")),
        status=wire.text(source.get("status")),
        tradable=source.get("tradable") is True,
        fractionable=source.get("fractionable") is True,
        shortable=source.get("shortable") is True,
        marginable=source.get("marginable") is True,
    )


def bar_report(symbol: str, body: Any) -> BarReport:
    """Read one bar. Raises `WireError` for a price that is not above zero and finite, and for a high below its low."""
    source = wire.member(body, "bar")
    prices = [wire.price(source.get(name)) for name in "ohlc"]
    volume = wire.number(source.get("v"))
    opened, high, low, close = prices
    if opened is None or high is None or low is None or close is None or volume is None or volume < 0:
        raise WireError(f"bar of {symbol} at {source.get('t')}: a price or volume cannot be used: {str(source)[:200]}")
    if not low <= min(opened, close) <= max(opened, close) <= high:
        raise WireError(f"bar of {symbol} at {source.get('t')}: its prices contradict each other: {str(source)[:200]}")
    return BarReport(
        symbol=symbol,
        start_at=wire.required_instant(source, "t"),
        open=opened,
        high=high,
        low=low,
        close=close,
        volume=int(volume),
    )


def bar_reports(body: Any) -> Iterator[BarReport]:
    """Read the bars of one page, symbol by symbol. A bar that cannot be used is logged and left out."""
    for symbol, bars in wire.member(body or {}, "bars").items():
        for each in wire.members(bars, f"bars of {symbol}"):
            try:
                yield bar_report(wire.text(symbol), each)
            except WireError as problem:
                log.warning("refused a bar: %s", problem)


def quote_report(symbol: str, body: Any) -> QuoteReport:
    """Read one quote; a side that is absent is zero. Raises `WireError` for a price below zero or not finite."""
    source = wire.member(body, "quote")
    bid, ask = (Decimal(0) if source.get(name) is None else wire.number(source[name]) for name in ("bp", "ap"))
    if bid is None or ask is None or bid < 0 or ask < 0:
        raise WireError(f"quote of {symbol}: a price cannot be used: {str(source)[:200]}")
    return QuoteReport(symbol=symbol, bid=bid, ask=ask, at=wire.required_instant(source, "t"))


def status_report(symbol: str, body: Any) -> StatusReport:
    """Read one trading status. Raises `WireError` without its instant."""
    source = wire.member(body, "status")
    return StatusReport(
        symbol=symbol,
        code=wire.text(source.get("sc")),
        message=wire.text(source.get("sm")),
        reason_code=wire.text(source.get("rc")),
        reason=wire.text(source.get("rm")),
        at=wire.required_instant(source, "t"),
    )


def quote_reports(body: Any) -> Iterator[QuoteReport]:
    """Read the latest quotes. A quote that cannot be used is logged and left out: its symbol has none."""
    for symbol, quote in wire.member(body or {}, "quotes").items():
        try:
            yield quote_report(wire.text(symbol), quote)
        except WireError as problem:
            log.warning("refused a quote: %s", problem)
