"""Everything that changes the exchange goes through here, so that it can be written down and done again.

The exchange is deterministic (seeded ids, no wall clock), so the list of acts *is* the venue's state. A line is written
and flushed before an act is answered: killing the process loses nothing that anybody was told (a machine that loses its
power may lose the last seconds: lines are not forced to the disk one by one). Secrets are never written.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import IO, Any

from trading.venue import values, words
from trading.venue.clock import VirtualClock
from trading.venue.exchange import Exchange
from trading.venue.incidents import Incident
from trading.venue.market import Bar
from trading.venue.results import ItemResult


class Acts:
    """The exchange's changing half, with the same signatures; each act is written to the journal where there is one."""

    def __init__(self, exchange: Exchange, clock: VirtualClock) -> None:
        self._exchange = exchange
        self._clock = clock
        self._file: IO[str] | None = None

    def write_to(self, file: IO[str]) -> None:
        """Write every act from now on to an open text file."""
        self._file = file

    def open_account(self, number: str, kind: words.AccountKind, cash: Decimal) -> values.AccountFigures:
        """Open an account, created now. Raises ValueError where the number is taken."""
        now = self._clock.now()
        return self._done(
            "open", number, lambda: self._exchange.open_account(number, kind, cash, now), {"kind": kind, "cash": cash}
        )

    def submit(self, account: str, request: values.OrderRequest) -> values.VenueOrder:
        """Take an order."""
        return self._done(
            "submit", account, lambda: self._exchange.submit(account, request), {"order": asdict(request)}
        )

    def replace(self, account: str, order_id: str, changes: values.OrderChanges) -> values.VenueOrder:
        """Swap an order for a new one."""
        details = {"id": order_id, "changes": asdict(changes)}
        return self._done("replace", account, lambda: self._exchange.replace(account, order_id, changes), details)

    def cancel(self, account: str, order_id: str) -> None:
        """Cancel an order."""
        self._done("cancel", account, lambda: self._exchange.cancel(account, order_id), {"id": order_id})

    def cancel_all(self, account: str) -> list[ItemResult]:
        """Cancel every open order."""
        return self._done("cancel_all", account, lambda: self._exchange.cancel_all(account), {})

    def close_position(
        self, account: str, symbol: str, *, qty: Decimal | None, percentage: Decimal | None
    ) -> values.VenueOrder:
        """Submit a market order against a holding."""
        details = {"symbol": symbol, "qty": qty, "percentage": percentage}
        return self._done(
            "close",
            account,
            lambda: self._exchange.close_position(account, symbol, qty=qty, percentage=percentage),
            details,
        )

    def close_all(self, account: str, *, cancel_orders: bool) -> list[ItemResult]:
        """Close every holding."""
        return self._done(
            "close_all",
            account,
            lambda: self._exchange.close_all(account, cancel_orders=cancel_orders),
            {"cancel_orders": cancel_orders},
        )

    def configure(self, account: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Change an account's configuration."""
        return self._done(
            "configure", account, lambda: self._exchange.configure(account, changes), {"changes": dict(changes)}
        )

    def set_flags(self, account: str, *, trading_blocked: bool | None, account_blocked: bool | None) -> None:
        """Block or free an account as the broker would."""
        flags = {"trading_blocked": trading_blocked, "account_blocked": account_blocked}
        self._done("flags", account, lambda: self._exchange.set_flags(account, **flags), flags)

    def happen(self, incident: Incident) -> values.VenueOrder | None:
        """Let something happen that nobody here asked for."""
        return self._done(
            "incident", incident.account, lambda: self._exchange.happen(incident), {"incident": asdict(incident)}
        )

    def open_session(self) -> None:
        """Begin the session in which the clock stands."""
        self._done("open_session", "", self._exchange.open_session, {})

    def take_bar(self, bars: Sequence[Bar]) -> None:
        """Advance the market by one minute; the bars are not written, the replay gives them again."""
        self._done("minute", "", lambda: self._exchange.take_bar(bars), {})

    def close_session(self) -> None:
        """End the session."""
        self._done("close_session", "", self._exchange.close_session, {})

    def _done[R](self, act: str, account: str, do: Callable[[], R], details: Mapping[str, Any]) -> R:
        now = self._clock.now()
        outcome: object = None
        try:
            result = do()
            outcome = getattr(result, "id", None)
            return result
        except values.Refusal as refusal:
            # A refused act is written too: it may have drawn an id, and the next act must draw the same one again.
            outcome = refusal.status
            raise
        finally:
            if self._file is not None:
                line = {"act": act, "account": account, "now": now.isoformat(), **details, "outcome": outcome}
                self._file.write(json.dumps(line, default=str, separators=(",", ":")) + "\n")
                self._file.flush()
