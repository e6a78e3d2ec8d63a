"""A venue that is ended, however rudely, and goes on from its state file."""

import json
from pathlib import Path
from typing import Any

import pytest
from alpaca.trading import enums, requests

from tests.contract.venue import clients
from tests.venue import account, flat, running_venue
from trading.venue import resume, walk

BUY, SELL, DAY, GTC = enums.OrderSide.BUY, enums.OrderSide.SELL, enums.TimeInForce.DAY, enums.TimeInForce.GTC


def _picture(trading: Any) -> Any:
    """All that an account's owner can see."""
    orders = requests.GetOrdersRequest(status=enums.QueryOrderStatus.ALL, nested=True)
    return (
        trading.get_account(),
        trading.get_orders(orders),
        trading.get_all_positions(),
        trading.get("/account/activities/FILL"),
        trading.get_account_configurations(),
        trading.get_clock(),
    )


def _trade(trading: Any, step: Any) -> None:
    """A bit of everything that changes the venue, refusals included."""
    bracket = requests.LimitOrderRequest(
        symbol="AAPL", qty=10, side=BUY, time_in_force=GTC, limit_price=101, order_class=enums.OrderClass.BRACKET,
        take_profit=requests.TakeProfitRequest(limit_price=120), stop_loss=requests.StopLossRequest(stop_price=80),
        client_order_id="bracket",
    )  # fmt: skip
    trading.submit_order(bracket)
    step()
    with pytest.raises(Exception, match="must be unique"):
        trading.submit_order(bracket)
    resting = trading.submit_order(
        requests.LimitOrderRequest(symbol="MSFT", qty=5, side=BUY, time_in_force=GTC, limit_price=90)
    )
    replacement = trading.replace_order_by_id(resting.id, requests.ReplaceOrderRequest(limit_price=91))
    trading.submit_order(requests.MarketOrderRequest(symbol="MSFT", notional=500, side=BUY, time_in_force=DAY))
    step()
    trading.cancel_order_by_id(replacement.id)
    trading.close_position("MSFT", requests.ClosePositionRequest(percentage="50"))
    settings = trading.get_account_configurations()
    settings.no_shorting = True
    trading.set_account_configurations(settings)
    step()


class TestResume:
    def test_goes_on_exactly_where_it_was(self, tmp_path: Path) -> None:
        state = tmp_path / "venue.jsonl"
        with running_venue(flat(8, sessions=2), state=state) as venue:
            venue.step()
            _trade(clients.trading(venue), venue.step)
            before = _picture(clients.trading(venue))

        with running_venue(flat(8, sessions=2), state=state) as venue:
            after = _picture(clients.trading(venue))
            minute = venue.step()

        assert after == before
        assert len(after[1]) >= 4
        assert isinstance(minute, walk.Minute)
        assert minute.at.minute == 35  # the fifth minute: four were told before the end

    def test_goes_on_over_a_close_and_over_a_second_end(self, tmp_path: Path) -> None:
        state = tmp_path / "venue.jsonl"
        pictures = []
        for minutes in (1, 3, 2):
            with running_venue(flat(3, sessions=3), state=state) as venue:
                for _ in range(minutes):
                    venue.step()
                clients.trading(venue).submit_order(
                    requests.MarketOrderRequest(symbol="AAPL", qty=1, side=BUY, time_in_force=DAY)
                )
                pictures.append(_picture(clients.trading(venue)))
        with running_venue(flat(3, sessions=3), state=state) as venue:
            assert _picture(clients.trading(venue)) == pictures[-1]

        assert [len(each[1]) for each in pictures] == [1, 2, 3]

    def test_forgets_only_a_line_that_was_never_answered(self, tmp_path: Path) -> None:
        state = tmp_path / "venue.jsonl"
        with running_venue(state=state) as venue:
            venue.step()
            before = _picture(clients.trading(venue))
        whole = state.read_bytes()
        state.write_bytes(whole + b'{"act":"submit","account":"PA00')

        with running_venue(state=state) as venue:
            assert _picture(clients.trading(venue)) == before
            venue.step()
        with running_venue(state=state) as venue:
            assert venue.venue.conductor.walk.minute_index == 2

    def test_plays_so_many_more_sessions(self, tmp_path: Path) -> None:
        state = tmp_path / "venue.jsonl"
        for closed in (1, 2):
            with running_venue(flat(2, sessions=3), state=state, sessions=1) as venue:
                while not isinstance(venue.step(), walk.Done):
                    pass
                assert venue.venue.conductor.walk.closed == closed

    def test_opens_an_account_that_is_new_and_takes_new_keys(self, tmp_path: Path) -> None:
        state = tmp_path / "venue.jsonl"
        with running_venue(state=state):
            pass
        new = [account("PKNEW", "rotated"), account("PKTWO", "two", cash="7", number="PA2")]
        with running_venue(accounts=new, state=state) as venue:
            first = clients.trading(venue, "PKNEW", "rotated").get_account()
            second = clients.trading(venue, "PKTWO", "two").get_account()

        assert (first.account_number, first.cash) == ("PA0000001", "100000")
        assert (second.account_number, second.cash) == ("PA2", "7")

    def test_never_writes_a_secret(self, tmp_path: Path) -> None:
        state = tmp_path / "venue.jsonl"
        with running_venue(accounts=[account(secret="hush-hush")], state=state) as venue:
            venue.step()

        assert "hush" not in state.read_text()
        assert "PKTEST" not in state.read_text()

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            ("not a state file\n", "is not a state file"),
            ('{"venue_state": 1, "fingerprint": "other", "salt": "x"}\n', "belongs to another replay"),
            ('{"venue_state": 1, "fingerprint": "test", "salt": "x"}\nrubbish\n{}\n', "is damaged in the middle"),
        ],
    )
    def test_refuses_a_file_it_cannot_go_on_with(self, tmp_path: Path, content: str, sentence: str) -> None:
        state = tmp_path / "venue.jsonl"
        state.write_text(content)

        with pytest.raises(resume.UnusableState, match=sentence), running_venue(state=state):
            pass
        assert state.read_text() == content

    def test_refuses_to_go_on_when_an_act_comes_out_differently(self, tmp_path: Path) -> None:
        state = tmp_path / "venue.jsonl"
        with running_venue(state=state) as venue:
            venue.step()
            clients.trading(venue).submit_order(
                requests.MarketOrderRequest(symbol="AAPL", qty=1, side=BUY, time_in_force=DAY)
            )
        lines = [json.loads(each) for each in state.read_text().splitlines()]
        lines[-1]["outcome"] = "another-id"
        state.write_text("".join(json.dumps(each) + "\n" for each in lines))

        with pytest.raises(resume.UnusableState, match="comes out differently"), running_venue(state=state):
            pass
