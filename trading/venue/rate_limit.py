"""How often an account may ask: a fixed window of one wall-clock minute per account, told in Alpaca's headers."""

from dataclasses import dataclass

WINDOW = 60


@dataclass(frozen=True, slots=True)
class Grant:
    """What one request did to its account's budget: allowed or not, and the three header values."""

    allowed: bool
    limit: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        """Return the X-RateLimit headers (Reset in unix seconds), or none where nothing is limited."""
        if self.limit == 0:
            return {}
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset),
        }


class RateLimit:
    """Count requests per account and minute; `per_minute` 0 means no limit at all."""

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self._spent: dict[str, tuple[int, int]] = {}

    def spend(self, account: str, now: float) -> Grant:
        """Take one request from an account's budget at wall-clock time `now` (unix seconds)."""
        window = int(now) // WINDOW
        reset = (window + 1) * WINDOW
        if self.per_minute == 0:
            return Grant(True, 0, 0, reset)
        seen, spent = self._spent.get(account, (window, 0))
        spent = spent if seen == window else 0
        if spent >= self.per_minute:
            return Grant(False, self.per_minute, 0, reset)
        self._spent[account] = (window, spent + 1)
        return Grant(True, self.per_minute, self.per_minute - spent - 1, reset)
