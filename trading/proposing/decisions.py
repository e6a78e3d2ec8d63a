"""From a target to a recorded decision: size it, put it before the gate under the account's row lock, write it down.

The only road by which an intent comes to be, for the engine, for protection and for people alike.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from audit import crash_points, trail
from risk import gate
from trading import arming, leases, orders, portfolio, sessions
from trading.broker.gateway import BrokerGateway, QuoteReport
from trading.models import Account, AccountState
from trading.portfolio import Prices

TWO = Decimal(2)


@dataclass(frozen=True, slots=True)
class Moment:
    """When and by what a decision is made: both clocks, prices, the pass, and the lease it is made under."""

    now: datetime
    """Wall clock."""
    market_now: datetime
    """The venue's clock."""
    prices: Prices
    lease: leases.Lease
    pass_id: str


def moment(gateway: BrokerGateway, symbols: Sequence[str], lease: leases.Lease, *, now: datetime) -> Moment:
    """When and by what a process decides that makes no passes: the broker's quotes and clock, marks in their middle.

    All is at hand that only its first decision would wait for. Raises what the gateway raises for a read.
    """
    quotes = {quote.symbol: quote for quote in gateway.quotes(symbols)}
    marks = {symbol: middle for symbol, quote in quotes.items() if (middle := mid(quote)) is not None}
    market_now = gateway.clock().at
    # A process's first look into the calendar takes about as long as one may stand still between look and wire.
    sessions.session_at(market_now)
    return Moment(now, market_now, Prices(marks=marks, quotes=quotes), lease, pass_id="")


def decide(proposal: orders.Proposal, moment: Moment) -> orders.Decided:
    """Judge one proposal; record the intent with its verdict and, where approved, its order as sent. The caller sends.

    One transaction under the account's row lock and the halt latch: what is judged is what is true when it is written,
    and no halt comes between the look and the commit.

    Raises:
        leases.Fenced: another worker acts for the account; nothing was written.
    """
    return decide_together([proposal], moment)[0]


def decide_together(proposals: Sequence[orders.Proposal], moment: Moment) -> list[orders.Decided]:
    """`decide` for several of one account in one transaction, each judged with those before it in place."""
    account: Account = proposals[0].account
    events: list[trail.Entry] = []
    with transaction.atomic():
        leases.prove(moment.lease)
        state = portfolio.lock_to_judge(account)
        permission = tuple(arming.reasons_not_live(account, now=moment.now))
        decided = [_decide(each, state, permission, moment, events) for each in proposals]
        trail.record_many(events)
        crash_points.reach("intent.before_commit")
    crash_points.reach("intent.committed")
    return _as_young_as_the_last(decided)


def _as_young_as_the_last(decided: list[orders.Decided]) -> list[orders.Decided]:
    """The latch was held open for all of them until the last look: each look is as young as that one.

    A halt that comes right after the first look waits for `latch.PATIENCE`, which is half as long again as an order may
    take from its look to the wire. Where deciding took more than that half, each order keeps the look it had.
    """
    looks = [each.going.looked_at for each in decided if each.going is not None]
    if not looks or looks[-1] - looks[0] > orders.HESITATION / 2:
        return decided
    return [
        each if each.going is None else replace(each, going=replace(each.going, looked_at=looks[-1]))
        for each in decided
    ]


def _decide(
    proposal: orders.Proposal,
    state: AccountState,
    permission: tuple[str, ...],
    moment: Moment,
    events: list[trail.Entry],
) -> orders.Decided:
    intent_id, looked_at = uuid.uuid4(), moment.lease.clock()
    exposure, sums = portfolio.exposure(
        state,
        proposal.instrument,
        prices=moment.prices,
        live_permission=permission,
        now=moment.now,
        market_now=moment.market_now,
        signal=proposal.signal,
    )
    verdict = gate.authorise(proposal.proposed(intent_id), exposure, now=moment.now, sums=sums)
    return orders.record_decision(
        proposal,
        verdict,
        intent_id=intent_id,
        session_date=sessions.date_of(moment.market_now),
        pass_id=moment.pass_id,
        build=settings.BUILD_ID,
        market_now=moment.market_now,
        looked_at=looked_at,
        now=moment.now,
        tell=events.extend,
    )


def mid(quote: QuoteReport | None) -> Decimal | None:
    """Middle of the quote, USD; None where there is none to trust."""
    if quote is None or quote.bid <= 0 or quote.ask <= 0 or quote.ask < quote.bid:
        return None
    return (quote.bid + quote.ask) / TWO
