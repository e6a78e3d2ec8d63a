"""One symbol as a picture: minutes of the session, our fills on them, the stop and the target in force."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from trading.choices import Purpose, Side, Timeframe
from trading.dashboard import words
from trading.dashboard.presenters.market_clock import DeskTime
from trading.models import Account, Bar, Fill, Instrument, Order, Position, Strategy

_DONE = {Side.BUY: "bought", Side.SELL: "sold"}


def symbols(account: Account, held: list[str]) -> list[str]:
    """Symbols worth a picture: those held, then those a strategy of the account trades. One query."""
    traded = Strategy.objects.filter(account=account, active=True).order_by("name").values_list("symbols", flat=True)
    found = dict.fromkeys(held)
    for listed in traded:
        found.update(dict.fromkeys(sorted(listed)))
    return list(found)


def heading(account: Account, symbol: str, held: dict[str, Any] | None) -> dict[str, Any]:
    """What stands above the picture: the mark, the change since entry where it is held, and who trades it."""
    traders = Strategy.objects.filter(account=account, active=True, symbols__contains=[symbol]).order_by("name")
    return {
        "symbol": symbol,
        "traders": ", ".join(f"{each.name} v{each.version}" for each in traders),
        "mark": held["mark"] if held else "",
        "percent": held["percent"] if held else "",
        "tone": held["tone"] if held else "",
    }


def picture(account: Account, symbol: str, time: DeskTime, since: datetime | None = None) -> dict[str, Any]:
    """Bars, fills and levels for the chart. `since` leaves out the bars the page already has, its last one excepted."""
    instrument = Instrument.objects.filter(symbol=symbol).first()
    if instrument is None or time.session is None:
        return {"symbol": symbol, "bars": [], "fills": [], "levels": []}
    start, end = time.session.open_at, time.session.close_at
    bars = Bar.objects.filter(instrument=instrument, timeframe=Timeframe.MINUTE, start_at__gte=start, start_at__lt=end)
    if since is not None:
        bars = bars.filter(start_at__gte=since)
    rows = bars.order_by("start_at").values_list("start_at", "open", "high", "low", "close")
    return {
        "symbol": symbol,
        "session": time.session.date.isoformat(),
        "bars": [[int(at.timestamp()), *map(str, prices)] for at, *prices in rows],
        "fills": _fills(account, instrument, start),
        "levels": _levels(account, instrument),
    }


def _fills(account: Account, instrument: Instrument, start: datetime) -> list[dict[str, Any]]:
    found = Fill.objects.filter(account=account, instrument=instrument, filled_at__gte=start).order_by(
        "filled_at", "id"
    )
    return [
        {
            "at": int(fill.filled_at.timestamp()) // 60 * 60,
            "side": fill.side,
            "words": f"{_DONE[Side(fill.side)]} {words.shares(fill.quantity)} @ {words.price(fill.price)}",
        }
        for fill in found
    ]


def _levels(account: Account, instrument: Instrument) -> list[dict[str, str]]:
    position = Position.objects.filter(account=account, instrument=instrument).exclude(quantity=0).first()
    levels = [_level("entry", position.average_price)] if position else []
    working = Order.objects.working().filter(account=account, instrument=instrument).order_by("id")
    for order in working.filter(purpose__in=(Purpose.STOP, Purpose.TARGET)):
        price = order.stop_price if order.purpose == Purpose.STOP else order.limit_price
        if price is not None:
            levels.append(_level("stop" if order.purpose == Purpose.STOP else "target", price))
    return levels


def _level(kind: str, price: Decimal) -> dict[str, str]:
    return {"kind": kind, "price": str(price), "words": f"{kind} {words.price(price)}"}
