"""Our running sums against our own orders: a difference that no broker has a part in, compared with all the others."""

from collections.abc import Iterable

from trading.models import Account
from trading.reading import sums
from trading.reconciling.differences import SUMS, Difference

_WIDE = 200
"""Characters a case has for each side."""


def differences(account: Account) -> list[Difference]:
    """Sums that are not what the open orders add up to. Under no symbol, for they judge entries in every one."""
    return [
        Difference(SUMS, f"{each.symbol} {each.side}", "", each.words(each.kept)[:_WIDE], each.words(each.anew)[:_WIDE])
        for each in sums.disagreements(account.pk)
    ]


def put_right(account: Account, found: Iterable[Difference]) -> None:
    """Add the orders up anew where the sums were wrong; the caller holds the account's row lock.

    The orders are the truth. The case stays open, and lets no entry pass, until a later comparison finds both equal.
    """
    if any(difference.kind == SUMS for difference in found):
        sums.add_up(account.pk)
