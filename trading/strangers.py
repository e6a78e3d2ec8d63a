"""What rests at the broker and in none of our books: found for a halt of everything, canceled, read back."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from risk.receipts import Line
from trading import healing, orders
from trading.broker.gateway import BrokerError, BrokerGateway, OrderReport, PositionReport
from trading.choices import OrderStatus, Side
from trading.models import Account, Order

READ_AGAIN = 0.05


@dataclass(frozen=True, slots=True)
class Strangers:
    """Orders that are not ours: those that only reduce a holding, which H2 leaves, and the others."""

    protecting: tuple[OrderReport, ...] = ()
    others: tuple[OrderReport, ...] = ()
    failure: str = ""
    """Why they could not be read; empty when they were."""


def find(account: Account, gateway: BrokerGateway, *, symbol: str = "") -> Strangers:
    """Read what rests at the broker now and is not ours."""
    try:
        resting = [report for report in gateway.open_orders() if symbol in ("", report.symbol)]
        held = {each.symbol: each for each in gateway.positions()}
    except BrokerError as failure:
        return Strangers(failure=str(failure))
    known = _ours(account, [part.broker_order_id for part in healing.flatten(resting)])
    words = _our_words(account, [part.client_order_id for part in healing.flatten(resting)])
    foreign = [each for each in resting if each.broker_order_id not in known and each.client_order_id not in words]
    protecting = tuple(each for each in foreign if _reduces(each, held.get(each.symbol)))
    return Strangers(protecting, tuple(each for each in foreign if each not in protecting))


def _reduces(report: OrderReport, held: PositionReport | None) -> bool:
    if held is None or not held.quantity or report.status == OrderStatus.HELD:
        return False
    return report.side == (Side.SELL if held.quantity > 0 else Side.BUY)


def _ours(account: Account, ids: Sequence[str]) -> set[str]:
    found = Order.objects.filter(account=account, broker_order_id__in=ids).values_list("broker_order_id", flat=True)
    return {each for each in found if each}


def _our_words(account: Account, words: Sequence[str]) -> set[str]:
    return set(
        Order.objects.filter(account=account, client_order_id__in=words).values_list("client_order_id", flat=True)
    )


def unknown(account: Account, ids: Iterable[str]) -> list[str]:
    """Those of the broker's order ids that stand in none of our books."""
    told = list(ids)
    known = _ours(account, told)
    return [each for each in told if each not in known]


def cancel(gateway: BrokerGateway, reports: Iterable[OrderReport]) -> dict[str, str]:
    """Ask for each; what stands in the way by broker id, else empty."""
    return {each.broker_order_id: orders.cancel(gateway, each.broker_order_id) for each in reports}


def confirm(account: Account, gateway: BrokerGateway, asked: dict[str, str], *, patience: float) -> list[Line]:
    """Read back until none of them rests or patience (seconds) ends; one line each."""
    if not asked:
        return []
    deadline = time.monotonic() + patience
    while True:
        open_ = _still_open(gateway, asked)
        if not open_ or time.monotonic() >= deadline:
            break
        time.sleep(READ_AGAIN)
    return [_line(account, each, each not in open_, obstacle) for each, obstacle in asked.items()]


def _still_open(gateway: BrokerGateway, asked: Iterable[str]) -> set[str]:
    try:
        resting = {part.broker_order_id for part in healing.flatten(gateway.open_orders())}
    except BrokerError:
        return set(asked)
    return resting.intersection(asked)


def _line(account: Account, broker_order_id: str, final: bool, obstacle: str) -> Line:
    words = "not ours; no longer open at the broker" if final else f"not ours; still open: {obstacle or 'asked for'}"
    return Line(account.number, broker_order_id, "cancel", final, words)
