"""Holding the running sums of open orders against the orders themselves, and adding them up anew.

`trading.models.sums` says what they are. That they are equal is proved here at every comparison of the books; while
they are not, an open case lets no entry pass.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

_SUMS = ("entries", "unpriced", "value", "risk", "exits", "leaving", "guards", "guarded", "worth")

# One statement sees both sides at one instant: a trigger writes the sums in the transaction that writes the orders.
_DIFFERENT = f"""
SELECT i.symbol, d.side, d.kept, d.anew FROM (
    SELECT instrument_id, side,
           ARRAY[{", ".join(f"coalesce(k.{name}, 0)::numeric" for name in _SUMS)}] AS kept,
           ARRAY[{", ".join(f"coalesce(a.{name}, 0)::numeric" for name in _SUMS)}] AS anew
    FROM (SELECT * FROM trading_opensum WHERE account_id = %(account)s) AS k
    FULL JOIN (SELECT * FROM trading_opensum_anew WHERE account_id = %(account)s) AS a USING (instrument_id, side)
) AS d JOIN trading_instrument i ON i.id = d.instrument_id
WHERE d.kept <> d.anew ORDER BY i.symbol, d.side
"""  # noqa: S608 - what is put in are fixed names


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Sums of one symbol and side that are not what its open orders add up to; shares and USD by name."""

    symbol: str
    side: str
    kept: dict[str, Decimal]
    anew: dict[str, Decimal]

    def words(self, side: dict[str, Decimal]) -> str:
        """One side of the difference, where it differs: "value 1200, entries 3"."""
        return ", ".join(f"{name} {side[name].normalize():f}" for name in _SUMS if self.kept[name] != self.anew[name])


def disagreements(account_id: int) -> list[Disagreement]:
    """Every sum of the account that is not what its orders add up to; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENT, {"account": account_id})
        rows = cursor.fetchall()
    return [
        Disagreement(symbol, side, dict(zip(_SUMS, kept, strict=True)), dict(zip(_SUMS, anew, strict=True)))
        for symbol, side, kept, anew in rows
    ]


def add_up(account_id: int) -> None:
    """Put the sums to what the orders add up to. The caller holds the account's row lock, so that no order moves."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT trading_opensum_add_up(%s)", [account_id])
