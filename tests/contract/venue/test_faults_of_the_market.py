"""Faults of prices, and what happens by itself: others' orders, blocks, voided trades, splits."""

import asyncio
import math
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.contract.venue import clients, faulty, listening
from tests.contract.venue.faulty import NUMBER, planned
from tests.unit.trading.broker import values
from tests.venue import DAYS, RunningVenue, flat, running_venue
from trading.broker.alpaca import AlpacaGateway
from trading.broker.gateway import BrokerRejected, OrderReport
from trading.broker.updates import TradeUpdates
from trading.choices import OrderType, Side, Timeframe, TimeInForce
from trading.venue import walk
from trading.venue.faults.plan import When

LATEST = "/v2/stocks/AAPL/{}/latest"


@pytest.fixture
def gateway(venue: RunningVenue) -> Iterator[AlpacaGateway]:
    with faulty.gateway(venue) as made:
        yield made


def _bars(gateway: AlpacaGateway) -> list[Any]:
    return list(gateway.bars(["AAPL"], Timeframe.MINUTE, DAYS[0].open, DAYS[0].close))


class TestAQuote:
    def test_can_be_crossed(self, venue: RunningVenue, gateway: AlpacaGateway) -> None:
        planned(venue, "crossed_quote", symbols=["AAPL"])

        (quote,) = gateway.quotes(["AAPL"])

        assert quote.bid > quote.ask

    @pytest.mark.parametrize(
        ("name", "bid"),
        [("zero_price", "0"), ("negative_price", "-100"), ("nan_price", "nan"), ("tenfold_price", "1000")],
    )
    def test_can_be_nonsense_on_the_wire(self, venue: RunningVenue, name: str, bid: str) -> None:
        planned(venue, name, on=["quotes"])

        told = faulty.asked(venue, "GET", LATEST.format("quotes")).json()["quote"]["bp"]

        assert str(told).startswith(bid) or (bid == "nan" and math.isnan(told))

    @pytest.mark.parametrize("name", ["nan_price", "negative_price", "missing_price"])
    def test_that_is_nonsense_is_no_quote_to_our_gateway(
        self, venue: RunningVenue, gateway: AlpacaGateway, name: str
    ) -> None:
        planned(venue, name, on=["quotes"])

        assert gateway.quotes(["AAPL"]) == ()

    def test_can_be_old(self, venue: RunningVenue, gateway: AlpacaGateway) -> None:
        (fresh,) = gateway.quotes(["AAPL"])
        planned(venue, "stale_price", on=["quotes"], seconds=timedelta(seconds=90))

        assert gateway.quotes(["AAPL"])[0].at == fresh.at - timedelta(seconds=90)


class TestABar:
    @pytest.mark.parametrize("name", ["nan_price", "zero_price", "missing_price"])
    def test_that_cannot_be_used_is_left_out(self, venue: RunningVenue, gateway: AlpacaGateway, name: str) -> None:
        planned(venue, name, on=["bars"])

        assert _bars(gateway) == []
        assert len(_bars(gateway)) == 1

    def test_can_be_ten_times_what_it_was(self, venue: RunningVenue, gateway: AlpacaGateway) -> None:
        planned(venue, "tenfold_price", on=["bars"])

        assert _bars(gateway)[0].close == 1000

    def test_can_be_missing_from_the_stream(self, venue: RunningVenue) -> None:
        planned(venue, "missing_price", on=["bars"], symbols=["AAPL"])

        with listening.market_data(venue, "AAPL", "MSFT") as heard:
            venue.step()
            venue.step()
            symbols = [each.symbol for each in heard.take(3)]

        assert symbols == ["MSFT", "AAPL", "MSFT"]

    def test_spoils_no_trading(self, venue: RunningVenue, gateway: AlpacaGateway) -> None:
        planned(venue, "tenfold_price", when=When(rate=Decimal(1)))

        faulty.bought(venue, gateway)

        assert gateway.positions()[0].average_price < 101


class TestTheAccount:
    @pytest.mark.parametrize("name", ["account_blocked", "trading_blocked", "trade_suspended"])
    def test_can_be_blocked_in_the_middle_of_a_session(
        self, venue: RunningVenue, gateway: AlpacaGateway, name: str
    ) -> None:
        planned(venue, name, when=When(session=1, minute=3))
        venue.step()
        gateway.submit(faulty.new_order())
        venue.step()

        with pytest.raises(BrokerRejected):
            gateway.submit(faulty.new_order())

        flag = "trade_suspended_by_user" if name == "trade_suspended" else name
        assert getattr(gateway.account(), flag)


class TestSomebodyElse:
    def test_can_order(self, venue: RunningVenue, gateway: AlpacaGateway) -> None:
        planned(venue, "manual_order", symbols=["MSFT"], side="sell", qty=Decimal(3))

        venue.step()

        assert [(each.symbol, each.quantity) for each in gateway.positions()] == [("MSFT", -3)]

    def test_can_cancel(self, venue: RunningVenue, gateway: AlpacaGateway) -> None:
        first, second = gateway.submit(faulty.new_order()), gateway.submit(faulty.new_order())
        planned(venue, "manual_cancel")

        venue.step()

        assert [each.broker_order_id for each in gateway.open_orders()] == [second.broker_order_id]
        assert gateway.order(first.broker_order_id).raw_status == "canceled"  # type: ignore[union-attr]

    def test_can_close_a_position_once_there_is_one(self, venue: RunningVenue, gateway: AlpacaGateway) -> None:
        planned(venue, "position_closed")
        venue.step()
        early = faulty.hits(venue, "position_closed")

        gateway.submit(faulty.new_order(type=OrderType.MARKET, limit_price=None))
        venue.step()

        assert (early, faulty.hits(venue, "position_closed")) == (0, 1)
        assert gateway.positions() == ()


class TestATrade:
    def test_can_be_declared_void(self, venue: RunningVenue, gateway: AlpacaGateway) -> None:
        cash = gateway.account().cash
        faulty.bought(venue, gateway)
        planned(venue, "trade_busted")

        venue.step()

        (order,) = gateway.orders_since(DAYS[0].open - timedelta(days=1))
        assert gateway.positions() == ()
        assert gateway.account().cash == cash
        assert gateway.fills_since(DAYS[0].open - timedelta(days=1)) == ()
        assert (order.raw_status, order.filled_quantity, order.filled_average_price) == ("canceled", 0, None)

    def test_can_have_its_price_corrected(self, venue: RunningVenue, gateway: AlpacaGateway) -> None:
        faulty.bought(venue, gateway, 10)
        cash = gateway.account().cash
        (before,) = gateway.fills_since(DAYS[0].open - timedelta(days=1))
        planned(venue, "trade_corrected", by=Decimal("0.05"))

        venue.step()

        (after,) = gateway.fills_since(DAYS[0].open - timedelta(days=1))
        assert (after.activity_id, after.price) == (before.activity_id, before.price + Decimal("0.05"))
        assert gateway.account().cash == cash - Decimal("0.50")
        assert gateway.positions()[0].average_price == after.price

    def test_that_is_void_is_told(self, venue: RunningVenue) -> None:
        keys = values.keys(NUMBER, venue.url, key=clients.KEY, secret=clients.SECRET)

        def act() -> None:
            body = {**faulty.ORDER, "type": "market", "limit_price": None}
            faulty.asked(venue, "POST", "/v2/orders", json=body)
            planned(venue, "trade_busted")
            venue.step()

        async def listen() -> OrderReport:
            heard = TradeUpdates(keys).listen()
            await anext(heard)
            acting = asyncio.create_task(asyncio.to_thread(act))
            async with asyncio.timeout(10):
                while True:
                    item = await anext(heard)
                    if isinstance(item, OrderReport) and item.event == "trade_bust":
                        await acting
                        await heard.aclose()
                        return item

        report = asyncio.run(listen())

        assert (report.filled_quantity, report.execution) == (0, None)


class TestASplit:
    def test_happens_overnight_and_changes_shares_and_prices_but_not_what_they_are_worth(self) -> None:
        with running_venue(flat(3, sessions=2)) as venue, faulty.gateway(venue) as gateway:
            venue.step()
            faulty.bought(venue, gateway, 10)
            asked = faulty.new_order(side=Side.SELL, limit_price=Decimal(150), time_in_force=TimeInForce.GTC)
            resting = gateway.submit(asked)
            planned(venue, "split_overnight", symbols=["AAPL"], ratio=Decimal(4))
            before = gateway.account().equity
            while not isinstance(venue.step_once(), walk.Close):
                pass
            (overnight,) = gateway.positions()
            equity = gateway.account().equity
            venue.step()
            bars = gateway.bars(["AAPL"], Timeframe.MINUTE, DAYS[0].open, DAYS[1].close)
            (quote,) = gateway.quotes(["AAPL"])

            assert (overnight.quantity, overnight.average_price) == (40, Decimal("25.0025"))
            assert equity == before
            assert {each.close for each in bars} == {Decimal(25)}
            assert quote.bid == 25
            assert gateway.order(resting.broker_order_id).raw_status == "canceled"  # type: ignore[union-attr]
