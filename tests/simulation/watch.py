"""The cheap invariants of the fault matrix, after every step and at every order that leaves."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from tests.simulation import books, exposure
from tests.simulation.books import OrderRow, Rows
from tests.simulation.violations import Violation
from tests.simulation.world import World
from trading import healing
from trading.venue.values import Refusal

LAGS = timedelta(seconds=1)
"""How long after a halt's commit an entry may still begin to leave."""

PROOF = timedelta(seconds=60)
"""How long after the send an order that is not shown proves nothing."""

LATE = {"canceled": {"filled"}, "expired": {"filled"}, "replaced": {"filled"}, "filled": set(), "rejected": set()}
"""What may still become of an order that has ended; one withdrawn as never sent may turn out to be there."""


class Watch:
    """Remembers what was, and compares."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._posted: Counter[str] = Counter()
        self._orders: dict[int, OrderRow] = {}
        self._tokens: dict[str, int] = {}
        self._halts: dict[int, datetime] = {}
        self.rows = books.read()
        self._limits = self.rows.limits

    @property
    def posted(self) -> int:
        """How many orders left."""
        return self._posted.total()

    # Orders on their way out

    def call(self, number: str, kind: str, arguments: tuple[Any, ...]) -> None:
        """Judge a call that is about to be made."""
        # A drill's order proves a cancel, far from the market; it is nobody's intent.
        if kind == "submit" and not arguments[0].client_order_id.startswith(healing.DRILL):
            with self._world.statements.put_aside():
                self._submit(number, arguments)

    def _submit(self, number: str, arguments: tuple[Any, ...]) -> None:
        wanted, rows = arguments[0], books.read()
        self._note_halts(rows)
        self._posted[wanted.client_order_id] += 1
        if self._posted[wanted.client_order_id] > 1:
            raise Violation("I1", f"{wanted.symbol} {wanted.side} was sent twice under one id")
        row = next((each for each in rows.orders if each.client_id == wanted.client_order_id), None)
        if row is None or row.status != "submitted" or not row.approved or row.account != number:
            raise Violation(
                "I6", f"{wanted.symbol} {wanted.side} leaves without an approved order saved as sent: {row}"
            )
        self._under_no_halt(row, rows)
        self._by_who_may(number, rows)
        self._alone(row, rows)

    def _under_no_halt(self, row: OrderRow, rows: Rows) -> None:
        for pk, (level, kind, key) in rows.halts.items():
            if key not in {"", row.account, row.symbol, f"wishing {row.account}"}:
                continue
            allowed = row.purpose == "flatten" or (row.purpose != "entry" and level != "H3")
            if not allowed and self._world.t - self._halts[pk] > LAGS:
                since = f"{self._halts[pk]:%H:%M:%S}"
                raise Violation("I3", f"{row.symbol} {row.purpose} leaves under {level} of {kind} {key}, since {since}")

    def _by_who_may(self, number: str, rows: Rows) -> None:
        _, holder = rows.leases[number]
        actor = self._world.actor
        if holder != actor and not holder.startswith("halt:"):
            raise Violation("I11", f"{actor} sends while {holder} holds the lease of {number}")

    def _alone(self, row: OrderRow, rows: Rows) -> None:
        """An entry must not leave while another one in its symbol has no known outcome."""
        unknown = [
            each
            for each in rows.orders
            if each.status == "unknown" and (each.account, each.symbol) == (row.account, row.symbol)
        ]
        if row.purpose == "entry" and unknown:
            raise Violation("I12", f"{row.symbol} is entered while an order there has no known outcome")

    # After each step

    def step(self) -> None:
        """Judge what a step has left behind."""
        if not self._world.statements.wrote:
            return
        self._world.statements.wrote = False
        with self._world.statements.put_aside():
            rows = books.read()
        self._note_halts(rows)
        for row in rows.orders:
            before = self._orders.get(row.pk)
            if row != before:
                self._order(row, before)
        new = [each for each in rows.orders if each.pk not in self._orders and each.purpose == "entry"]
        # What somebody makes of an order at the broker was judged by nobody: see `quiet` for what becomes of that.
        fresh = [each for each in new if each.is_root and not each.follows]
        if fresh:
            equity = {
                number: self._world.exchange.figures(number).equity for number in {each.account for each in fresh}
            }
            exposure.judge(rows, self._limits, equity, fresh)
        self._laws(rows)
        self._orders = {row.pk: row for row in rows.orders}
        self._limits, self.rows = rows.limits, rows

    def _order(self, row: OrderRow, before: OrderRow | None) -> None:
        if not row.approved:
            raise Violation("I6", f"there is an order of a denied intent: {row}")
        if row.filled > row.quantity or row.booked > row.quantity or row.fills != row.booked:
            raise Violation("I8", f"more is filled than ordered, or booked than filled: {row}")
        if before is not None and (row.filled < before.filled or row.booked < before.booked):
            raise Violation("I8", f"filled shares shrank from {before.filled} to {row.filled}: {row}")
        if before is not None and row.status not in LATE.get(before.status, {row.status}) | {before.status}:
            raise Violation("I9", f"{row.symbol} went from {before.status} to {row.status}")
        if row.status == "withdrawn" and (before is None or before.status != "withdrawn"):
            self._withdrawn(row)

    def _withdrawn(self, row: OrderRow) -> None:
        """Who withdraws an order that the broker has must have waited for proof."""
        try:
            there = self._world.exchange.order_by_client_id(row.account, row.client_id)
        except Refusal:
            return
        if self._world.now - there.submitted_at < PROOF:
            raise Violation("I12", f"{row.symbol} {row.purpose} was withdrawn, and the broker has it: {there.status}")

    def _laws(self, rows: Rows) -> None:
        for number, (token, _) in rows.leases.items():
            if token < self._tokens.get(number, 0):
                raise Violation("I11", f"the fencing token of {number} went back to {token}")
            self._tokens[number] = token
        if rows.limits == self._limits:
            return
        for name, kind, key, value in self._limits:
            now = {each[3] for each in rows.limits if each[:3] == (name, kind, key)}
            if not now or (exposure.lower_is_stricter(name) and max(now) > value):
                raise Violation("I15", f"the limit {name} of {kind} {key} went from {value} to {now}")

    def _note_halts(self, rows: Rows) -> None:
        for pk in rows.halts:
            self._halts.setdefault(pk, self._world.t)
