"""The lots behind the positions: what each fill opened, what remains, what was realised."""

from typing import Any

from trading.dashboard import words
from trading.dashboard.presenters.holdings import Held
from trading.dashboard.presenters.market_clock import DeskTime
from trading.models import Account, Lot, LotClosing, Position

_MOST_CLOSINGS = 100


def open_lots(account: Account, held: list[Held], time: DeskTime) -> list[dict[str, Any]]:
    """Lots with something left, first in first; one query."""
    marks = {each.position.instrument_id: each.mark for each in held}
    found = Lot.objects.filter(account=account).exclude(remaining=0).select_related("instrument", "opening_fill__order")
    rows = []
    for lot in found.order_by("instrument__symbol", "opened_at", "id"):
        mark = marks.get(lot.instrument_id)
        pnl = None if mark is None else lot.remaining * (mark - lot.price)
        rows.append(
            {
                "symbol": lot.instrument.symbol,
                "opened": words.moment(lot.opened_at, time.session_date),
                "quantity": words.shares(lot.quantity),
                "remaining": words.shares(lot.remaining),
                "price": words.price(lot.price),
                "pnl": words.signed(pnl),
                "tone": words.tone(pnl),
                "intent": str(lot.opening_fill.order.intent_id),
            }
        )
    return rows


def closings(account: Account, time: DeskTime) -> dict[str, Any]:
    """What the session's closed lots realised; one query."""
    found = LotClosing.objects.filter(lot__account=account, session_date=time.session_date)
    found = found.select_related("lot__instrument", "closing_fill__order").order_by("-closed_at", "-id")
    rows = [
        {
            "symbol": each.lot.instrument.symbol,
            "at": words.moment(each.closed_at, time.session_date),
            "quantity": words.shares(each.quantity),
            "bought": words.price(each.lot.price),
            "sold": words.price(each.closing_fill.price),
            "pnl": words.signed(each.realised_pnl),
            "tone": words.tone(each.realised_pnl),
            "intent": str(each.closing_fill.order.intent_id),
        }
        for each in found[:_MOST_CLOSINGS]
    ]
    return {"rows": rows}


def flat(account: Account) -> list[dict[str, Any]]:
    """Symbols once held and flat now, with what they earned since the first fill."""
    found = Position.objects.filter(account=account, quantity=0).select_related("instrument")
    return [
        {
            "symbol": each.instrument.symbol,
            "realised": words.signed(each.realised_pnl),
            "tone": words.tone(each.realised_pnl),
        }
        for each in found.order_by("instrument__symbol")
    ]
