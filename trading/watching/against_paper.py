"""Control 46: a week of a live account beside paper accounts that trade by the same rules, and what to do about it."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from risk import breaches
from risk.at_trade.values import Action
from risk.blindness import ask_all
from risk.models import Breach
from risk.post_trade import COMPARING_LIVE
from risk.post_trade.comparing_live import Measure, Weekly
from risk.post_trade.values import Finding, FindingCode
from risk.standing import Limits
from trading import sessions
from trading.choices import TERMINAL, Mode
from trading.models import Account, Strategy
from trading.watching import blind_spots

BY = "against paper"
WEEK = timedelta(days=7)
PAPER_WEEKS = 4
"""Weeks of paper that tell what is to be expected, the live account's own among them."""

_DONE = "a person is told and looks; nothing was stopped"

_ORDERS = f"""
    SELECT a.mode = 'live', o.purpose, CASE WHEN o.filled_quantity > 0 AND n.reference_price > 0
        AND o.filled_average_price > 0 AND o.purpose IN ('entry', 'exit', 'flatten') THEN
            (o.filled_average_price - n.reference_price) / n.reference_price * CASE o.side WHEN 'buy' THEN 1 ELSE -1 END
        END, o.filled_quantity / o.quantity
    FROM trading_order o JOIN trading_orderintent n ON n.id = o.intent_id JOIN trading_account a ON a.id = o.account_id
    JOIN trading_strategy s ON s.id = n.strategy_id
    WHERE s.rule = ANY(%(rules)s) AND o.parent_id IS NULL AND o.order_class <> 'oco'
      AND o.status IN ({", ".join(f"'{each}'" for each in sorted(TERMINAL))})
      AND ((a.id = %(account)s AND o.session_date BETWEEN %(monday)s AND %(sunday)s)
           OR (a.mode = 'paper' AND o.session_date BETWEEN %(since)s AND %(sunday)s))
"""  # noqa: S608 - what is put in is a fixed list of words

_RESULTS = """
    SELECT a.mode = 'live', c.realised_pnl / (abs(c.quantity) * l.price)
    FROM trading_lotclosing c JOIN trading_lot l ON l.id = c.lot_id JOIN trading_account a ON a.id = l.account_id
    JOIN trading_fill f ON f.id = l.opening_fill_id JOIN trading_order o ON o.id = f.order_id
    JOIN trading_orderintent n ON n.id = o.intent_id JOIN trading_strategy s ON s.id = n.strategy_id
    WHERE s.rule = ANY(%(rules)s) AND l.price > 0 AND c.quantity <> 0
      AND ((a.id = %(account)s AND c.session_date BETWEEN %(monday)s AND %(sunday)s)
           OR (a.mode = 'paper' AND c.session_date BETWEEN %(since)s AND %(sunday)s))
"""


def is_last_of_its_week(day: date) -> bool:
    """Whether no further session is held in that day's week."""
    return sessions.upcoming(_noon(day)).date.isocalendar()[:2] != day.isocalendar()[:2]


def read(account: Account, day: date) -> Weekly:
    """The week of that day: slippage, how much of an entry was filled, and what a closed trade earned."""
    monday = day - timedelta(days=day.weekday())
    rules = sorted(set(Strategy.objects.filter(account=account, active=True).values_list("rule", flat=True)))
    terms: dict[str, Any] = {
        "account": account.pk,
        "rules": rules,
        "monday": monday,
        "sunday": monday + WEEK - timedelta(days=1),
        "since": monday - WEEK * (PAPER_WEEKS - 1),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ORDERS, terms)
        orders = cursor.fetchall()
        cursor.execute(_RESULTS, terms)
        results = cursor.fetchall()
    slips = [(live, slip) for live, _, slip, _ in orders if slip is not None]
    filled = [(live, share) for live, purpose, _, share in orders if purpose == "entry"]
    return Weekly(
        account.number,
        monday,
        (
            _measure(FindingCode.LIVE_SLIPS_OTHERWISE, "slippage", slips),
            _measure(FindingCode.LIVE_FILLS_OTHERWISE, "share of an entry that was filled", filled),
            _measure(FindingCode.LIVE_EARNS_OTHERWISE, "result of a closed trade", results),
        ),
    )


def compare(account: Account, day: date, *, now: datetime) -> list[Finding]:
    """Judge the week that ends with the session of `day`; returns what a person was told of. Safe to repeat.

    A paper account, and a week that goes on, are not judged.
    """
    if account.mode != Mode.LIVE or not is_last_of_its_week(day):
        return []
    found, blind = ask_all(COMPARING_LIVE, read(account, day), Limits(), called="Control")
    for each in blind:
        blind_spots.tell(
            each, called="control", account=account.number, mode=account.mode, session_date=day, by=BY, now=now
        )
    told = set(Breach.objects.filter(account=account.number, session_date=day).values_list("code", flat=True))
    return [finding for finding in found if finding.code.value not in told and _tell(account, finding, day, now=now)]


def _tell(account: Account, finding: Finding, day: date, *, now: datetime) -> bool:
    seen = breaches.sighting(
        finding, account=account.number, mode=account.mode, session_date=day, done={Action.WARN: _DONE}
    )
    return breaches.open_sighting(seen, by=BY, now=now) is not None


def _measure(code: FindingCode, name: str, rows: list[tuple[bool, Decimal]]) -> Measure:
    live, paper = (tuple(figure for is_live, figure in rows if is_live is wanted) for wanted in (True, False))
    return Measure(code, name, live, paper)


def _noon(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), tzinfo=sessions.NEW_YORK) + timedelta(hours=12)
