"""Whatever is done to the venue, money and shares add up."""

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.trading.venue.trading_day import ACCOUNT, TradingDay, at_market
from trading.venue.values import OrderChanges, Refusal, StopLoss, TakeProfit, VenueEvent
from trading.venue.words import OrderClass, OrderStatus, OrderType, Side, TimeInForce

START = Decimal(100_000)
prices = st.integers(9_000, 11_000).map(lambda cents: Decimal(cents) / 100)
CLASSES = {
    "bracket": {"order_class": OrderClass.BRACKET},
    "oco": {"order_class": OrderClass.OCO},
    "simple": {},
}


@st.composite
def bar_acts(draw: st.DrawFn) -> tuple[str, Any]:
    ordered = sorted(draw(st.lists(prices, min_size=4, max_size=4)))
    first, last = draw(st.permutations(ordered[1:3]))
    return "bar", (f"{first} {ordered[3]} {ordered[0]} {last}", draw(st.integers(0, 400)))


@st.composite
def order_acts(draw: st.DrawFn) -> tuple[str, Any]:
    side, kind = draw(st.sampled_from(Side)), draw(st.sampled_from(OrderType))
    limit, other, third = draw(st.lists(prices, min_size=3, max_size=3))
    of_class = draw(st.sampled_from(["simple", "simple", "bracket", "oco"]))
    more: dict[str, Any] = dict(CLASSES[of_class])
    if kind in (OrderType.LIMIT, OrderType.STOP_LIMIT):
        more["limit_price"] = limit
    if kind in (OrderType.STOP, OrderType.STOP_LIMIT):
        more["stop_price"] = other
    if kind is OrderType.TRAILING_STOP:
        more["trail_price"] = Decimal(draw(st.integers(1, 5)))
    if of_class != "simple":
        low, high = sorted((other, third))
        profit, stop = (low, high) if (side is Side.SELL) == (of_class == "bracket") else (high, low)
        more |= {"take_profit": TakeProfit(profit), "stop_loss": StopLoss(stop)}
    more["time_in_force"] = draw(st.sampled_from([TimeInForce.DAY, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK]))
    return "order", (side, draw(st.sampled_from(["1", "7", "30", "2.5"])), kind, more)


acts = st.lists(
    st.one_of(bar_acts(), order_acts(), st.tuples(st.sampled_from(["cancel", "replace", "close"]), st.integers(0, 9))),
    min_size=5,
    max_size=40,
)


def perform(day: TradingDay, act: str, given: Any) -> None:
    """Do one act; what the venue refuses is part of the game."""
    living = day.exchange.orders(ACCOUNT, limit=500)
    try:
        match act:
            case "bar":
                day.bar(given[0], volume=given[1])
            case "order":
                side, qty, kind, more = given
                (day.buy if side is Side.BUY else day.sell)(qty, kind, **more)
            case "close":
                day.exchange.close_position(ACCOUNT, "AAPL")
            case "cancel" if living:
                day.exchange.cancel(ACCOUNT, living[given % len(living)].id)
            case "replace" if living:
                chosen = living[given % len(living)]
                day.exchange.replace(ACCOUNT, chosen.id, OrderChanges(limit_price=Decimal(100 + given)))
    except Refusal:
        return


def played(script: list[tuple[str, Any]]) -> TradingDay:
    day = at_market()
    for act, given_to in script:
        perform(day, act, given_to)
    return day


class TestExchange:
    @given(acts)
    @settings(max_examples=60)
    def test_cash_and_shares_are_the_sum_of_the_fills(self, script: list[tuple[str, Any]]) -> None:
        day = played(script)

        fills = [event.execution for event in day.events if event.execution is not None]
        assert day.cash() == START - sum(fill.qty * fill.price * fill.side.sign for fill in fills)
        assert day.held() == sum(fill.qty * fill.side.sign for fill in fills)
        assert fills == day.exchange.activities(ACCOUNT, direction="asc")[: len(fills)]

    @given(acts)
    @settings(max_examples=60)
    def test_no_order_fills_beyond_its_quantity_and_a_final_state_is_final(self, script: list[tuple[str, Any]]) -> None:
        day = played(script)

        ended: set[str] = set()
        for event in day.events:
            assert event.order.id not in ended
            assert event.order.filled_qty <= event.order.wanted
            if event.order.status.is_final:
                ended.add(event.order.id)

    @given(acts)
    @settings(max_examples=60)
    def test_closing_orders_never_turn_a_holding_round(self, script: list[tuple[str, Any]]) -> None:
        day = at_market()
        # Entries on one side only: two opening orders may rightly meet in the middle.
        for act, given_to in script:
            if act == "order" and given_to[0] is Side.SELL and not day.held() > 0:
                continue
            perform(day, act, given_to)
            position = day.held()
            assert position >= 0
            for one in day.exchange.positions(ACCOUNT):
                assert 0 <= one.qty_available <= one.qty

    @given(acts)
    @settings(max_examples=25)
    def test_fills_no_more_of_a_bar_than_its_share(self, script: list[tuple[str, Any]]) -> None:
        day = at_market()
        filled, liquidity = Decimal(0), Decimal(10_000)

        def count(event: VenueEvent) -> None:
            nonlocal filled
            filled += event.execution.qty if event.execution else 0

        day.exchange.subscribe(count)
        for act, given_to in script:
            if act == "bar":
                filled, liquidity = Decimal(0), Decimal(given_to[1] // 10)
            perform(day, act, given_to)
            assert filled <= liquidity

    @given(acts)
    @settings(max_examples=25)
    def test_plays_the_same_again(self, script: list[tuple[str, Any]]) -> None:
        first, second = played(script), played(script)

        told = [[(e.event, e.order.id, e.execution_id, e.at) for e in day.events] for day in (first, second)]
        assert told[0] == told[1]

    @given(acts)
    @settings(max_examples=25)
    def test_leaves_no_exit_waiting_without_its_entry(self, script: list[tuple[str, Any]]) -> None:
        day = played(script)

        for order in day.exchange.orders(ACCOUNT, status="all", limit=500, nested=True):
            waiting = [leg for leg in order.legs if leg.status is OrderStatus.HELD]
            assert not waiting or order.is_open
