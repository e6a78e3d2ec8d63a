"""What people do in a run: halt in each way, act as a stranger, loosen a limit, see the session closed."""

import contextlib
from typing import TYPE_CHECKING

from tests.crash import programs
from tests.crash.environment import NUMBER
from tests.crash.family import Member

if TYPE_CHECKING:
    from tests.crash.session import Session

WHY = ("--reason", "crash rig", "--json")


def halt(session: "Session") -> None:
    """H2 for the firm, while entries rest."""
    session.command(programs.command("halt", "--level", "H2", *WHY))


def flatten(session: "Session") -> None:
    """H3 for the firm: every position is closed."""
    session.command(programs.command("halt", "--level", "H3", "--yes", *WHY))


def rearm(session: "Session") -> None:
    """H2 where more entries rest than the budget has requests for: everything is canceled, every stop sent again.

    Whatever the account has is stopped, so that the broker is asked, and tells its limit, before the way is chosen.
    """
    many = {"trading.halting.sweeping.READS": 1_000_000}
    session.command(programs.command("halt", "--level", "H2", "--scope", "all", *WHY, **many))


def halt_directly(session: "Session") -> None:
    """H2 without database and queue; the watchdog takes the file up. Then an ordinary one, for what was entered."""
    session.command(programs.command("halt", "--direct", "--level", "H2", *WHY))
    taken_up = "SELECT count(*) FROM audit_auditevent WHERE event = 'halt.taken_up'"
    session.family.wait(lambda: bool(session.ledger.one(taken_up)), patience=15, what="taking up the halt file")


def trade_as_a_stranger(session: "Session") -> None:
    """Somebody else leaves an order in the account; it becomes a case, and is gone again before the end."""
    from decimal import Decimal

    from trading.venue import values, words

    exchange = session.venue.venue.exchange
    request = values.OrderRequest(
        symbol="AAPL",
        side=words.Side.BUY,
        type=words.OrderType.LIMIT,
        time_in_force=words.TimeInForce.GTC,
        qty=Decimal(1),
        limit_price=Decimal(50),
        client_order_id="by somebody else",
    )
    order = session.venue.call(lambda: exchange.submit(NUMBER, request))
    opened = "SELECT count(*) FROM trading_reconciliationbreak WHERE kind = 'order'"
    session.family.wait(lambda: bool(session.ledger.one(opened)), patience=15, what="the case of a stranger's order")
    session.venue.call(lambda: exchange.cancel(NUMBER, order.id))
    session.minutes(5)
    halt(session)


def close_the_session(session: "Session") -> None:
    """Halt, play the session to its end, and see the day closed."""
    from trading.venue import walk

    halt(session)
    while not isinstance(session.venue.step_once(), walk.Close | walk.Done):
        pass
    closed = "SELECT count(*) FROM trading_dailyreport"
    session.family.wait(lambda: bool(session.ledger.one(closed)), patience=20, what="the daily report")


def loosen_a_limit(session: "Session") -> None:
    """Two people loosen a limit; the third hand carries it out, again if it was struck down. Then halt."""
    session.off_the_record(_ask_and_vote)
    for _ in range(3):
        member = Member("people", "python", ["tests.crash.loosening"], lives_on=False)
        with contextlib.suppress(AssertionError):
            session.command(member)
        if session.ledger.one("SELECT count(*) FROM audit_auditevent WHERE event = 'limit.loosened'"):
            break
    session.once("limit.loosened")
    session.once("signoff.executed")
    halt(session)


def _ask_and_vote() -> None:
    from tests.crash import loosening

    loosening.ask_and_vote()
