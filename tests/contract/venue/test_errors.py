"""What the wire refuses, body by body, asked with a plain HTTP client."""

from typing import Any

import pytest
import requests

from tests.venue import RunningVenue, account, running_venue
from trading.venue.api import Terms

KEYS = {"APCA-API-KEY-ID": "PKTEST", "APCA-API-SECRET-KEY": "secret"}
ORDER = {"symbol": "AAPL", "qty": "1", "side": "buy", "type": "limit", "time_in_force": "day", "limit_price": "90"}


def _post(venue: RunningVenue, body: Any) -> tuple[int, Any]:
    content = {"data": body} if isinstance(body, str | bytes) else {"json": body}
    answer = requests.post(f"{venue.url}/v2/orders", headers=KEYS, timeout=5, **content)
    return answer.status_code, answer.json()


class TestOrderBody:
    @pytest.mark.parametrize("body", ["", "{", "[]", "null", '{"qty": NaN}', b"\xff\xfe", "[" * 100_000])
    def test_that_is_not_an_object_is_malformed(self, venue: RunningVenue, body: str | bytes) -> None:
        assert _post(venue, body) == (400, {"code": 40010000, "message": "request body format is invalid"})

    @pytest.mark.parametrize("absent", ["symbol", "side", "type", "time_in_force"])
    def test_that_lacks_a_member_is_told_which(self, venue: RunningVenue, absent: str) -> None:
        body = {name: value for name, value in ORDER.items() if name != absent}

        assert _post(venue, body) == (422, {"code": 40010001, "message": f"{absent} is required"})

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("qty", "many"), ("qty", True), ("qty", "1e400"), ("qty", 10**30), ("qty", "NaN"), ("qty", []),
            ("limit_price", {}), ("side", "hold"), ("type", "magic"), ("time_in_force", 5), ("symbol", 5),
            ("extended_hours", "perhaps"), ("client_order_id", 7), ("order_class", "mleg"), ("take_profit", "high"),
        ],
    )  # fmt: skip
    def test_that_has_an_unreadable_member_is_told_which(self, venue: RunningVenue, name: str, value: Any) -> None:
        assert _post(venue, {**ORDER, name: value}) == (422, {"code": 40010001, "message": f"invalid {name}"})

    @pytest.mark.parametrize(
        ("change", "status", "message"),
        [
            ({"symbol": "NOPE"}, 422, 'asset "NOPE" not found'),
            ({"limit_price": "90.001"}, 422, "sub-penny increment does not fulfill minimum pricing criteria"),
            ({"client_order_id": "x" * 129}, 422, "client_order_id must be no more than 128 characters"),
            ({"qty": None}, 422, "qty or notional is required"),
            ({"side": "sell", "qty": "0.5"}, 422, "fractional orders cannot be sold short"),
        ],
        ids=["symbol", "sub-penny", "long id", "no quantity", "fractional short"],
    )
    def test_against_the_rules_is_refused(
        self, venue: RunningVenue, change: dict[str, Any], status: int, message: str
    ) -> None:
        got, body = _post(venue, {**ORDER, **change})

        assert (got, body["code"] in {40010001, 40310000, 42210000}) == (status, True)
        assert message in body["message"]

    def test_takes_numbers_as_text_or_as_json_numbers(self, venue: RunningVenue) -> None:
        status, body = _post(venue, {**ORDER, "qty": 2.0, "limit_price": 90.1})

        assert (status, body["qty"], body["limit_price"]) == (200, "2", "90.1")


class TestSellingHeldShares:
    def test_tells_what_is_held_and_by_which_order(self, venue: RunningVenue) -> None:
        _post(venue, {**ORDER, "qty": "10", "type": "market", "limit_price": None})
        venue.step()
        _, resting = _post(venue, {**ORDER, "side": "sell", "qty": "10", "limit_price": "120"})

        status, body = _post(venue, {**ORDER, "side": "sell", "qty": "4", "limit_price": "121"})

        assert (status, body["code"]) == (403, 40310000)
        assert body["message"] == "insufficient qty available for order (requested: 4, available: 0)"
        assert (body["available"], body["existing_qty"], body["held_for_orders"]) == ("0", "10", "10")
        assert (body["related_orders"], body["symbol"]) == ([resting["id"]], "AAPL")


class TestPaths:
    def test_answer_json_where_nothing_is(self, venue: RunningVenue) -> None:
        answer = requests.get(f"{venue.url}/v2/moon", headers=KEYS, timeout=5)

        assert (answer.status_code, answer.json()["code"]) == (404, 40410000)

    def test_refuse_an_order_id_that_is_none(self, venue: RunningVenue) -> None:
        assert requests.get(f"{venue.url}/v2/orders/abc", headers=KEYS, timeout=5).status_code == 422

    def test_refuse_no_keys_without_a_code(self, venue: RunningVenue) -> None:
        answer = requests.get(f"{venue.url}/v2/account", timeout=5)

        assert (answer.status_code, answer.json()) == (401, {"message": "unauthorized."})


class TestRateLimit:
    def test_counts_by_account_and_refuses_with_429(self) -> None:
        other = {"APCA-API-KEY-ID": "PKOTHER", "APCA-API-SECRET-KEY": "other"}
        accounts = [account(), account("PKOTHER", "other", number="PA2")]
        with running_venue(accounts=accounts, terms=Terms("token", trading_limit=2, data_limit=5)) as venue:
            answers = [requests.get(f"{venue.url}/v2/clock", headers=KEYS, timeout=5) for _ in range(5)]
            others = requests.get(f"{venue.url}/v2/clock", headers=other, timeout=5)
            data = requests.get(f"{venue.url}/v2/stocks/bars/latest?symbols=AAPL", headers=KEYS, timeout=5)

        # Of five requests at least three fall into one minute, whenever that begins.
        refused = next(each for each in answers if each.status_code == 429)
        assert answers[0].headers["X-RateLimit-Limit"] == "2"
        assert int(answers[0].headers["X-RateLimit-Reset"]) % 60 == 0
        assert refused.status_code == 429
        assert refused.json() == {"code": 42910000, "message": "rate limit exceeded"}
        assert refused.headers["X-RateLimit-Remaining"] == "0"
        assert (others.status_code, data.status_code) == (200, 200)
