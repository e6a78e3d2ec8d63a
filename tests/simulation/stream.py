"""The order stream of one account as its reader meets it: rendered messages, kept until the trace lets them be read."""

import json
from collections import deque
from collections.abc import Mapping
from typing import Any

from trading.venue import rendering
from trading.venue.exchange import Exchange
from trading.venue.faults.plan import Plan
from trading.venue.faults.telling import MESSAGES, Telling
from trading.venue.values import VenueEvent


class Mailbox:
    """What the venue told and the desk has not read yet; nothing is kept while the line is down."""

    def __init__(self, exchange: Exchange, account: str, plan: Plan) -> None:
        self.waiting: deque[str] = deque()
        self.up = True
        self._account = account
        self._telling: Telling[Mapping[str, Any]] = Telling(plan, MESSAGES, lambda *_: self.hang_up())
        exchange.subscribe(self._happened)

    def hang_up(self) -> None:
        """The line goes down; what was sent and not read is gone."""
        self.up = False
        self.waiting.clear()

    def tell_rest(self) -> None:
        """Take what a fault held back and nothing came after."""
        self._keep(self._telling.rest(self._account))

    def _happened(self, event: VenueEvent) -> None:
        if event.account == self._account and self.up:
            self._keep(self._telling.pass_on(event.account, rendering.update(event)))

    def _keep(self, messages: list[Mapping[str, Any]]) -> None:
        if self.up:
            self.waiting.extend(json.dumps(message) for message in messages)
