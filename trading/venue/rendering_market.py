"""Assets, the clock, the calendar and market data in Alpaca's JSON; market data, unlike trading, is in JSON numbers."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from trading.venue import market, values
from trading.venue.rendering import Json, instant

NEW_YORK = ZoneInfo("America/New_York")
EXCHANGE_CODE = "V"
TAPE = "C"


def asset(listed: values.Asset) -> Json:
    """Render a listed stock."""
    return {
        "id": listed.id,
        "class": "us_equity",
        "exchange": listed.exchange,
        "symbol": listed.symbol,
        "name": listed.name,
        "status": "active" if listed.active else "inactive",
        "tradable": listed.tradable,
        "marginable": listed.marginable,
        "shortable": listed.shortable,
        "easy_to_borrow": listed.shortable,
        "borrow_status": "easy_to_borrow" if listed.shortable else "hard_to_borrow",
        "fractionable": listed.fractionable,
        "maintenance_margin_requirement": 30,
        "margin_requirement_long": "30",
        "margin_requirement_short": "30",
        "attributes": [],
    }


def new_york(moment: datetime) -> str:
    """Write an instant with New York's offset, as the clock endpoint does."""
    return moment.astimezone(NEW_YORK).isoformat()


def calendar_day(day: values.SessionDay) -> Json:
    """Render a session: New York times without a zone; the extended session always runs 04:00 to 20:00."""
    return {
        "date": day.date.isoformat(),
        "open": day.open.astimezone(NEW_YORK).strftime("%H:%M"),
        "close": day.close.astimezone(NEW_YORK).strftime("%H:%M"),
        "session_open": "0400",
        "session_close": "2000",
        "settlement_date": _next_weekday(day).isoformat(),
    }


def bar(subject: market.Bar) -> dict[str, Any]:
    """Render a bar's figures, `t` still an instant so that each encoding can write it in its own way."""
    vwap = subject.vwap if subject.vwap is not None else (subject.high + subject.low + subject.close) / 3
    return {
        "t": subject.start,
        "o": _plain(subject.open),
        "h": _plain(subject.high),
        "l": _plain(subject.low),
        "c": _plain(subject.close),
        "v": subject.volume,
        "n": subject.trade_count,
        "vw": round(_plain(vwap), 6),
    }


def quote(subject: market.Quote) -> dict[str, Any]:
    """Render a quote; sizes are shares."""
    return {
        "t": subject.at,
        "ax": EXCHANGE_CODE,
        "ap": _plain(subject.ask),
        "as": subject.ask_size,
        "bx": EXCHANGE_CODE,
        "bp": _plain(subject.bid),
        "bs": subject.bid_size,
        "c": ["R"],
        "z": TAPE,
    }


def trade(subject: market.Trade) -> dict[str, Any]:
    """Render a trade."""
    return {
        "t": subject.at,
        "x": EXCHANGE_CODE,
        "p": _plain(subject.price),
        "s": subject.size,
        "c": ["@"],
        "i": subject.number,
        "z": TAPE,
    }


_REASONS = {"LUDP": "Volatility Trading Pause", "T1": "Halt News Pending", "T12": "Halt Additional Information"}


def status(reason: str, at: datetime) -> dict[str, Any]:
    """Render a trading status: halted for a reason, or trading again without one."""
    said = _REASONS.get(reason, f"Market-Wide Circuit Breaker Halt, Level {reason[-1:]}") if reason else ""
    code = "T" if not reason else "P" if reason == "LUDP" else "H"
    word = {"T": "Trading Resumption", "P": "Volatility Trading Pause", "H": "Trading Halt"}[code]
    return {"sc": code, "sm": word, "rc": reason, "rm": said, "t": at, "z": TAPE}


def dated(figures: Mapping[str, Any]) -> Json:
    """Write the instant of a bar, quote or trade for REST."""
    return {**figures, "t": instant(figures["t"])}


def streamed(kind: str, symbol: str, figures: Mapping[str, Any]) -> dict[str, Any]:
    """Give a bar, quote or trade the stream's type letter (`b`, `d`, `q`, `t`) and symbol."""
    return {"T": kind, "S": symbol, **figures}


def _plain(value: Decimal) -> float:
    return float(value)


def _next_weekday(day: values.SessionDay) -> Any:
    following = day.date + timedelta(days=1)
    while following.weekday() >= 5:
        following += timedelta(days=1)
    return following
