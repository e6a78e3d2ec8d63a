"""Credentials, orders and bodies that the broker's tests are about."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from config.env.secret import Secret as Secret
from trading.broker.gateway import NewOrder
from trading.choices import OrderType, Side, TimeInForce

CLIENT_ID = "6f1c1d52-3f5e-4c57-9a51-5f7f7f2b0001"
BROKER_ID = "904837e3-3b76-47ec-b432-046db621571b"


@dataclass(frozen=True)
class Keys:
    number: str
    kind: str
    key: Secret
    secret: Secret
    base_url: str
    data_url: str
    stream_url: str
    data_stream_url: str


def keys(
    number: str,
    url: str,
    kind: str = "paper",
    key: str = "PKTESTTESTTEST234567",
    secret: str = "only-for-tests-0123456789",
) -> Keys:
    """Keys for a server on loopback that answers everything at one address."""
    websocket = url.replace("http", "ws", 1)
    return Keys(number, kind, Secret(key), Secret(secret), url, url, f"{websocket}/stream", websocket)


def new_order(**changes: Any) -> NewOrder:
    given: dict[str, Any] = {
        "client_order_id": CLIENT_ID,
        "symbol": "AAPL",
        "side": Side.BUY,
        "quantity": Decimal("0.3"),
        "type": OrderType.LIMIT,
        "time_in_force": TimeInForce.DAY,
        "limit_price": Decimal("100.10"),
    }
    return NewOrder(**given | changes)


def order_body(**changes: Any) -> dict[str, Any]:
    """An order as Alpaca answers it."""
    return {
        "id": BROKER_ID,
        "client_order_id": CLIENT_ID,
        "created_at": "2026-06-01T13:30:00.123456789Z",
        "updated_at": "2026-06-01T13:30:00.123456789Z",
        "submitted_at": "2026-06-01T13:30:00.123456789Z",
        "filled_at": None,
        "replaced_by": None,
        "replaces": None,
        "asset_id": "b0b6dd9d-8b9b-48a9-ba46-b9d54906e415",
        "symbol": "AAPL",
        "asset_class": "us_equity",
        "notional": None,
        "qty": "0.3",
        "filled_qty": "0",
        "filled_avg_price": None,
        "order_class": "",
        "order_type": "limit",
        "type": "limit",
        "side": "buy",
        "time_in_force": "day",
        "limit_price": "100.10",
        "stop_price": None,
        "status": "accepted",
        "extended_hours": False,
        "legs": None,
    } | changes


def account_body(number: str = "PA3TEST") -> dict[str, Any]:
    return {
        "account_number": number,
        "status": "ACTIVE",
        "cash": "1000.10",
        "equity": "1000.10",
        "last_equity": "1000.10",
        "buying_power": "4000.40",
        "long_market_value": "0",
        "trading_blocked": False,
        "account_blocked": False,
        "trade_suspended_by_user": False,
        "shorting_enabled": True,
        "multiplier": "4",
    }
