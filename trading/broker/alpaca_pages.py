"""Lists longer than one page of Alpaca's: walked to their end, each item once, and never for ever."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from trading.broker import alpaca_figures, alpaca_wire, wire_scalars
from trading.broker.alpaca_calls import Caller
from trading.broker.breaker import Group
from trading.broker.gateway import BarReport, BrokerUnavailable, FillReport, OrderReport, TransferReport

ORDERS_PER_PAGE = 500
ACTIVITIES_PER_PAGE = 100
BARS_PER_PAGE = 10_000
MOST_PAGES = 1_000
"""A list that has not ended by then is a fault of the broker's, not a list."""


def orders(
    caller: Caller, status: str, after: datetime | None = None, *, wanted: Collection[str] = ()
) -> tuple[OrderReport, ...]:
    """Return all orders of a status, legs nested, newest first. `after` is exclusive and compares submission.

    The broker has no page token: each page asks for what was submitted up to the oldest order seen, that instant
    included, and orders seen before are left out. Where client ids are `wanted`, no page is asked for once all of them
    were seen.
    """
    seen: dict[str, OrderReport] = {}
    missing = set(wanted)
    bound: dict[str, Any] = {} if after is None else {"after": written(after)}
    for _ in range(MOST_PAGES):
        params = {"status": status, "limit": ORDERS_PER_PAGE, "nested": "true", "direction": "desc"} | bound
        page = caller.read(Group.ORDERS, "/orders", alpaca_wire.order_reports, params)
        fresh = {report.broker_order_id: report for report in page if report.broker_order_id not in seen}
        seen |= fresh
        missing -= {report.client_order_id for report in page}
        if len(page) < ORDERS_PER_PAGE or (wanted and not missing):
            return tuple(report for report in seen.values() if not _before(report, after))
        bound = _next_bound(page, bound, stuck=not fresh)
    raise BrokerUnavailable(f"the list of {status} orders has no end after {MOST_PAGES} pages")


def _next_bound(page: tuple[OrderReport, ...], bound: dict[str, Any], *, stuck: bool) -> dict[str, Any]:
    instants = [report.submitted_at for report in page if report.submitted_at is not None]
    if instants and not stuck and "before_order_id" not in bound:
        # `until` is exclusive and cut to microseconds: one more keeps the orders of the same instant.
        until = {"until": written(min(instants) + timedelta(microseconds=1))}
        return until | {name: value for name, value in bound.items() if name == "after"}
    # More orders of one instant than a page holds, or none that tells it: go on by id, which cannot go with `after`.
    last = page[-1].broker_order_id
    if bound.get("before_order_id") == last:
        raise BrokerUnavailable(f"the broker repeats the same page of orders before {last}")
    return {"before_order_id": last}


def _before(report: OrderReport, after: datetime | None) -> bool:
    return after is not None and report.submitted_at is not None and report.submitted_at <= after


TRANSFERS = ("CSD", "CSW", "JNLC", "JNLS", "ACATC", "ACATS", "TRANS")
"""Activities by which money or shares come in or go out without a trade."""


def transfers(caller: Caller, after: datetime) -> tuple[TransferReport, ...]:
    """Return what was paid in and out after an instant. One that cannot be read fails the call: half of it is none."""
    seen: dict[str, TransferReport] = {}
    params: dict[str, Any] = {"activity_types": ",".join(TRANSFERS), "after": written(after), "direction": "asc"}
    params["page_size"] = ACTIVITIES_PER_PAGE
    for _ in range(MOST_PAGES):
        page = caller.read(Group.ORDERS, "/account/activities", _transfers, params)
        fresh = [each for each in page if each.activity_id not in seen]
        seen |= {each.activity_id: each for each in fresh}
        if len(page) < ACTIVITIES_PER_PAGE or not fresh:
            return tuple(seen.values())
        params["page_token"] = page[-1].activity_id
    raise BrokerUnavailable(f"the list of transfers has no end after {MOST_PAGES} pages")


def _transfers(body: Any) -> list[TransferReport]:
    return [alpaca_figures.transfer_report(each) for each in wire_scalars.members(body, "activities")]


def fills(caller: Caller, after: datetime) -> tuple[FillReport, ...]:
    """Return the fills after an instant, oldest first. One that cannot be read fails the call."""
    seen: dict[str, FillReport] = {}
    params: dict[str, Any] = {"after": written(after), "direction": "asc", "page_size": ACTIVITIES_PER_PAGE}
    for _ in range(MOST_PAGES):
        page = caller.read(Group.ORDERS, "/account/activities/FILL", _fills, params)
        fresh = [each for each in page if each.activity_id not in seen]
        seen |= {each.activity_id: each for each in fresh}
        if len(page) < ACTIVITIES_PER_PAGE or not fresh:
            return tuple(seen.values())
        params["page_token"] = page[-1].activity_id
    raise BrokerUnavailable(f"the list of fills has no end after {MOST_PAGES} pages")


def _fills(body: Any) -> list[FillReport]:
    return [alpaca_wire.fill_report(each) for each in wire_scalars.members(body, "activities")]


def bars(caller: Caller, params: dict[str, Any]) -> Iterator[BarReport]:
    """Yield the bars of every page. A repeated page token ends it: the broker would go on for ever."""
    tokens: set[str] = set()
    asked = params | {"limit": BARS_PER_PAGE}
    for _ in range(MOST_PAGES):
        page, token = caller.read(Group.PRICES, "/stocks/bars", _bars, asked)
        yield from page
        if not token or token in tokens:
            return
        tokens.add(token)
        asked["page_token"] = token


def _bars(body: Any) -> tuple[list[BarReport], str]:
    source = wire_scalars.member(body, "bars answer")
    return list(alpaca_figures.bar_reports(source.get("bars"))), wire_scalars.text(source.get("next_page_token"))


def written(instant: datetime) -> str:
    """Write an instant for a query: UTC, to the microsecond."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
