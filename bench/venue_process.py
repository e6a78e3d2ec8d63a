"""The venue in a process of its own, which does not share a Python with what is measured; told by lines of JSON."""

import json
import sys
import uuid
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

from tests import venue as tests_venue
from trading.broker.gateway import NewOrder, OrderReport
from trading.broker.in_process import InProcessGateway
from trading.choices import OrderClass, OrderType, Side, TimeInForce
from trading.venue.api import Terms

MINUTES = 380


def main(symbols: int, limit: int, volume: int, accounts: int) -> None:
    """Serve until standard input ends. One line in, one line out; what is asked for is done in the first account."""
    names = [f"S{number:03d}" for number in range(symbols)]
    openings = [
        tests_venue.account(f"PK{place:04d}", f"secret{place:04d}", "100000000", f"PA{place:07d}")
        for place in range(1, accounts + 1)
    ]
    opening = openings[0]
    terms = Terms(tests_venue.TOKEN, "flat", trading_limit=limit, data_limit=0)
    replay = tests_venue.flat(MINUTES, symbols=names, volume=volume)
    with tests_venue.running_venue(replay, openings, terms=terms) as running:
        running.step()
        opened = [{"number": each.number, "key": each.keys.key_id, "secret": each.keys.secret} for each in openings]
        _say({"port": running.port, "accounts": opened})
        gateway = InProcessGateway(running.venue.exchange, opening.number, running.venue.clock.now)
        for line in sys.stdin:
            asked = json.loads(line)
            _say(_do(asked, running, gateway, names))


def _do(asked: dict[str, Any], running: tests_venue.RunningVenue, gateway: InProcessGateway, names: list[str]) -> Any:
    match asked["do"]:
        case "step":
            for _ in range(asked["times"]):
                running.step()
            return running.venue.clock.now().isoformat()
        case "rest":
            return running.call(lambda: [_plain(gateway.submit(_entry(names, each))) for each in range(asked["count"])])
        case "buy":
            wanted = [_large(names, each) for each in range(asked["count"])]
            return [_plain(running.call(partial(gateway.submit, each))) for each in wanted]
        case "hold":
            held = names[: asked["count"]]
            if not running.call(gateway.positions):
                running.call(lambda: [gateway.submit(_buy(symbol)) for symbol in held])
                running.step()
            return running.call(lambda: [_plain(gateway.submit(_protection(symbol))) for symbol in held])
        case "positions":
            return running.call(lambda: len(gateway.positions()))
        case other:
            raise ValueError(other)


def _entry(names: list[str], number: int) -> NewOrder:
    return _order(names[-1 - number % (len(names) // 2)], Side.BUY, limit=Decimal(90))


def _large(names: list[str], number: int) -> NewOrder:
    """A marketable buy that a thin market fills in ten parts."""
    return replace(_order(names[number % len(names)], Side.BUY, limit=Decimal(101)), quantity=Decimal(100))


def _buy(symbol: str) -> NewOrder:
    return _order(symbol, Side.BUY, limit=Decimal(101))


def _protection(symbol: str) -> NewOrder:
    return NewOrder(
        client_order_id=str(uuid.uuid4()),
        symbol=symbol,
        side=Side.SELL,
        quantity=Decimal(10),
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        limit_price=Decimal(104),
        order_class=OrderClass.OCO,
        take_profit_price=Decimal(104),
        stop_loss_price=Decimal(98),
    )


def _order(symbol: str, side: Side, *, limit: Decimal) -> NewOrder:
    return NewOrder(
        client_order_id=str(uuid.uuid4()),
        symbol=symbol,
        side=side,
        quantity=Decimal(10),
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.DAY,
        limit_price=limit,
    )


def _plain(report: OrderReport) -> dict[str, Any]:
    return {
        "id": report.broker_order_id,
        "client_id": report.client_order_id,
        "symbol": report.symbol,
        "legs": [_plain(leg) for leg in report.legs],
    }


def _say(told: Any) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    import django

    django.setup()
    main(*map(int, sys.argv[1:]))
