"""Seeing that what is held lies under a stop: in every pass, and between two passes by the beat's tick.

A partly filled entry loses its rest and is armed for its part; what stays naked too long is closed.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from audit import crash_points, trail
from trading import healing, leases, market_data, orders, portfolio, positions
from trading.broker.gateway import BrokerGateway
from trading.models import Account, Order
from trading.proposing import decisions, protection
from trading.reading import books

READ_BACK = 3.0
"""Seconds a canceled entry is read back for, so that its filled part is armed in the same look."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """The books after a look, and what was decided in it."""

    held: books.Books
    decided: tuple[orders.Decided, ...] = ()


def protect(account: Account, gateway: BrokerGateway, held: books.Books, moment: decisions.Moment) -> Guarded:
    """Let go of entries that should rest no longer, arm what is naked, close what stayed naked; under a lease.

    Raises:
        leases.Fenced: another worker acts for the account.
    """
    unwanted = protection.to_let_go(held, market_now=moment.market_now)
    if unwanted:
        leases.check(moment.lease)
        held = _let_go(account, gateway, unwanted, moment)
    bare = protection.naked(held)
    since = {line.instrument_id: line.naked_since for line in held.positions}
    begun = positions.note_naked(account, since, bare, now=moment.now)
    _tell_of_shorts(account, [line for line in held.positions if line.instrument_id in begun], moment)
    proposals = protection.missing(account, held, moment) if bare else []
    if proposals:
        crash_points.reach("guard.before_arming")
    decided = tuple(carry_out(proposals, gateway, moment))
    if decided:
        crash_points.reach("guard.armed")
    return Guarded(books.read(account.pk) if decided else held, decided)


def _tell_of_shorts(account: Account, lines: list[books.PositionLine], moment: decisions.Moment) -> None:
    for line in lines:
        if line.quantity >= 0:
            continue
        patience = protection.CLOSED_AFTER.total_seconds()
        with transaction.atomic():
            trail.record(
                event="position.short",
                account=account.number,
                mode=account.mode,
                subject=line.symbol,
                sentence=f"{line.symbol} is {abs(line.quantity).normalize():f} shares short, which nobody wanted:"
                f" it is bought back in {patience:.0f} s unless a person does so before",
                by=protection.BY,
                now=moment.now,
                pass_id=moment.pass_id,
            )


def carry_out(
    proposals: list[orders.Proposal], gateway: BrokerGateway, moment: decisions.Moment
) -> list[orders.Decided]:
    """Decide, record and send, one after the other, so that each is judged with the ones before it in place."""
    done = []
    for proposal in proposals:
        decided = decisions.decide(proposal, moment)
        done.append(decided)
        if decided.going is not None:
            orders.send(decided.going, gateway=gateway, lease=moment.lease, now=moment.lease.clock())
    return done


def look(account: Account, gateway: BrokerGateway, *, holder: str, now: datetime, market_now: datetime) -> bool:
    """Between two passes: act where something lies bare or partly filled; True where it was acted on.

    Orders without an answer are asked about as their time comes: a pass a minute would take minutes to know.
    One statement where all is well. Leaves it to the pass that holds the lease, and to the next look.
    Raises what the gateway raises for a read.
    """
    held = books.read(account.pk)
    if any(order.unresolved for order in held.orders) and orders.unresolved(account, now=now):
        held = healing.heal(account, gateway, now=now, market_now=market_now).held
    known_bare = any(line.naked_since is not None for line in held.positions)
    if not (known_bare or protection.naked(held) or protection.to_let_go(held, market_now=market_now)):
        return False
    with leases.held(account.pk, holder=holder, now=now) as lease:
        if lease is None:
            return False
        symbols = sorted({line.symbol for line in held.positions})
        moment = decisions.Moment(
            now=now, market_now=market_now, prices=_prices(gateway, symbols, market_now), lease=lease, pass_id=""
        )
        protect(account, gateway, books.read(account.pk), moment)
    return True


def _prices(gateway: BrokerGateway, symbols: list[str], market_now: datetime) -> portfolio.Prices:
    if not symbols:
        return portfolio.Prices(marks={}, quotes={})
    last = market_data.windows(symbols, length=1, until=market_now)
    quotes = {quote.symbol: quote for quote in gateway.quotes(symbols)}
    return portfolio.Prices(marks={symbol: window.last.close for symbol, window in last.items()}, quotes=quotes)


def _let_go(account: Account, gateway: BrokerGateway, why: dict[int, str], moment: decisions.Moment) -> books.Books:
    rows = list(Order.objects.working().filter(pk__in=why).select_related("intent"))
    for order in rows:
        orders.request_cancel(order, gateway=gateway, by=protection.BY, reason=why[order.pk], now=moment.now)
    crash_points.reach("guard.let_go")
    partly = [order for order in rows if order.filled_quantity]
    if partly:
        # Its shares are naked until the rest is gone: the legs of a bracket wait for the whole entry.
        orders.until_final(account, partly, gateway=gateway, now=moment.now, patience=READ_BACK)
    return books.read(account.pk)
