"""How far a live account is from sending real orders."""

from datetime import datetime
from typing import Any

from trading import golive
from trading.choices import Mode
from trading.dashboard import modes
from trading.models import Account


def standing(account: Account | None, wall: datetime) -> dict[str, Any] | None:
    """Every reason why it may not yet; None for a paper account, which never goes live."""
    if account is None or account.mode != Mode.LIVE:
        return None
    return {
        "title": f"{'Live in kind, simulated money' if modes.simulated() else 'Real money'}: account {account.number}",
        "orders": "simulated live orders" if modes.simulated() else "real orders",
        "number": account.number,
        "reasons": golive.reasons_not_live(account, wall),
    }
