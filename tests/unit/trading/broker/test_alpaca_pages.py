"""Lists of orders that are read for certain orders alone end with the page that shows the last of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.trading.broker import values
from tests.unit.trading.broker.peer import Peer, says
from trading.broker.alpaca import AlpacaGateway

START = datetime(2026, 6, 1, 13, 30, tzinfo=UTC)
NEWEST, OLDEST = 600, 90


class TestOrdersSince:
    @pytest.mark.parametrize(
        ("wanted", "pages"),
        [({NEWEST, NEWEST - 499}, 1), ({NEWEST, OLDEST}, 2), ({NEWEST, 7}, 2), (set(), 2)],
        ids=["all on the first page", "one on the second page", "one that is not shown", "none named"],
    )
    def test_reads_on_only_while_a_wanted_order_is_missing(
        self, peer: Peer, gateway: AlpacaGateway, wanted: set[int], pages: int
    ) -> None:
        every = [order_at(number) for number in range(NEWEST, OLDEST - 1, -1)]
        peer.will(says(every[:500]), says(every[499:]))

        seen = gateway.orders_since(START, wanted={f"c-{each}" for each in wanted})

        assert peer.count("GET") == pages
        assert len(seen) == (500 if pages == 1 else len(every))


def order_at(number: int) -> dict[str, Any]:
    submitted = (START + timedelta(seconds=number)).isoformat()
    return values.order_body(id=f"id-{number}", client_order_id=f"c-{number}", submitted_at=submitted)
