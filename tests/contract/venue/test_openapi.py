"""The venue's answers against Alpaca's own OpenAPI files, asked with a plain HTTP client."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests
from openapi_schema_validator import OAS30Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4

from tests.venue import RunningVenue

REFERENCE = Path(__file__).parents[3].parent / "shared" / "reference"
TRADING, DATA = "trading-api", "market-data-api"
KEYS = {"APCA-API-KEY-ID": "PKTEST", "APCA-API-SECRET-KEY": "secret"}
BRACKET = {
    "symbol": "AAPL", "qty": "10", "side": "buy", "type": "limit", "time_in_force": "gtc", "limit_price": "101",
    "order_class": "bracket", "take_profit": {"limit_price": "120"}, "stop_loss": {"stop_price": "80"},
}  # fmt: skip
RESTING = {
    "symbol": "MSFT",
    "qty": "1",
    "side": "buy",
    "type": "trailing_stop",
    "time_in_force": "day",
    "trail_price": "5",
}
NOTIONAL = {"symbol": "MSFT", "notional": "100", "side": "buy", "type": "market", "time_in_force": "day"}

pytestmark = pytest.mark.skipif(
    not (REFERENCE / f"alpaca-openapi.{TRADING}.json").exists(),
    reason="Alpaca's OpenAPI files are not beside the repository",
)


@cache
def _specification(name: str) -> Any:
    return json.loads((REFERENCE / f"alpaca-openapi.{name}.json").read_text())


def _problems(name: str, method: str, path: str, status: int, answer: Any) -> list[str]:
    """What the schema of an operation's answer has against it."""
    specification = _specification(name)
    content = specification["paths"][path][method]["responses"][str(status)]["content"]
    return _against(content["application/json"]["schema"], specification["components"], answer)


def _against(wanted: Any, components: Any, answer: Any) -> list[str]:
    schema = {**wanted, "components": components}
    registry: Registry[Any] = Registry().with_resource("", DRAFT4.create_resource(schema))
    validator = OAS30Validator(schema, registry=registry, format_checker=OAS30Validator.FORMAT_CHECKER)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(answer)]


@pytest.fixture
def ask(venue: RunningVenue) -> Callable[..., requests.Response]:
    """A venue with orders of every kind, fills and holdings, and a way to ask it."""

    def asking(method: str, path: str, body: Any = None) -> requests.Response:
        return requests.request(method, f"{venue.url}{path}", json=body, headers=KEYS, timeout=5)

    for order in (BRACKET, RESTING, NOTIONAL):
        assert asking("POST", "/v2/orders", order).status_code == 200
    venue.step()
    return asking


class TestTradingAnswers:
    @pytest.mark.parametrize(
        ("path", "asked"),
        [
            ("/v2/account", ""),
            ("/v2/account/configurations", ""),
            ("/v2/account/activities", ""),
            ("/v2/account/portfolio/history", "/v2/account/portfolio/history?period=1D"),
            ("/v2/orders", "/v2/orders?status=all"),
            ("/v2/orders", "/v2/orders?status=all&nested=true"),
            ("/v2/positions", ""),
            ("/v2/positions/{symbol_or_asset_id}", "/v2/positions/AAPL"),
            ("/v2/assets", ""),
            ("/v2/assets/{symbol_or_asset_id}", "/v2/assets/AAPL"),
            ("/v2/clock", ""),
            ("/v2/calendar", "/v2/calendar?start=2026-01-01&end=2026-01-31"),
        ],
    )
    def test_are_as_the_specification_says(self, ask: Callable[..., requests.Response], path: str, asked: str) -> None:
        answer = ask("GET", asked or path)

        assert answer.status_code == 200
        assert answer.json() != []
        assert _problems(TRADING, "get", path, 200, answer.json()) == []

    def test_tell_fills_as_trading_activities(self, ask: Callable[..., requests.Response]) -> None:
        # The operation asks for exactly one of two schemas that every object fits; the right one is asked alone.
        answer = ask("GET", "/v2/account/activities/FILL").json()
        components = _specification(TRADING)["components"]

        assert len(answer) >= 2
        assert _against({"$ref": "#/components/schemas/TradingActivities"}, components, answer[0]) == []
        assert set(components["schemas"]["TradingActivities"]["properties"]) == set(answer[0])

    def test_to_what_changes_something_are_too(self, ask: Callable[..., requests.Response]) -> None:
        sent = ask("POST", "/v2/orders", {**RESTING, "type": "limit", "limit_price": "50", "trail_price": None})
        by_id, by_client, settings = sent.json()["id"], "/v2/orders:by_client_order_id", "/v2/account/configurations"
        order, replaced = "/v2/orders/{order_id}", ask("PATCH", f"/v2/orders/{by_id}", {"qty": "2"})
        asked = [
            ("post", "/v2/orders", sent, 200),
            ("get", order, ask("GET", f"/v2/orders/{by_id}?nested=true"), 200),
            ("patch", order, replaced, 200),
            ("get", by_client, ask("GET", f"{by_client}?client_order_id={sent.json()['client_order_id']}"), 200),
            ("patch", settings, ask("PATCH", settings, {"no_shorting": True}), 200),
            ("delete", "/v2/orders", ask("DELETE", "/v2/orders"), 207),
            ("delete", "/v2/positions/{symbol_or_asset_id}", ask("DELETE", "/v2/positions/AAPL?qty=1"), 200),
            ("delete", "/v2/positions", ask("DELETE", "/v2/positions?cancel_orders=true"), 207),
        ]  # fmt: skip

        for method, path, answer, status in asked:
            assert (path, answer.status_code, answer.json() != []) == (path, status, True)
            assert _problems(TRADING, method, path, status, answer.json()) == [], path


class TestDataAnswers:
    @pytest.mark.parametrize("kind", ["bars", "trades", "quotes", "bars/latest", "trades/latest", "quotes/latest"])
    @pytest.mark.parametrize("single", [True, False], ids=["single", "many"])
    def test_are_as_the_specification_says(
        self, ask: Callable[..., requests.Response], kind: str, single: bool
    ) -> None:
        start = "2026-01-05T14:00:00Z&timeframe=1Min"
        asked = (
            f"/v2/stocks/AAPL/{kind}?start={start}" if single else f"/v2/stocks/{kind}?symbols=AAPL,MSFT&start={start}"
        )
        path = f"/v2/stocks/{{symbol}}/{kind}" if single else f"/v2/stocks/{kind}"
        answer = ask("GET", asked)

        assert answer.status_code == 200
        assert answer.json()[next(key for key in answer.json() if key in kind or kind.startswith(key))]
        assert _problems(DATA, "get", path, 200, answer.json()) == []

    @pytest.mark.parametrize("path", ["/v2/stocks/snapshots", "/v2/stocks/{symbol}/snapshot"])
    def test_snapshots_are_too(self, ask: Callable[..., requests.Response], path: str) -> None:
        answer = ask("GET", path.format(symbol="AAPL") + "?symbols=AAPL,MSFT")

        assert "latestTrade" in answer.text
        assert _problems(DATA, "get", path, 200, answer.json()) == []


class TestProblems:
    def test_are_found_where_there_are_some(self) -> None:
        assert _problems(TRADING, "get", "/v2/clock", 200, {"timestamp": 5, "is_open": True, "next_open": "x"}) != []
        assert _problems(TRADING, "get", "/v2/orders", 200, [{"id": "no-uuid", "status": "odd"}]) != []
