"""Checks at the broker: reachable, the right account, allowed to trade, funded, fresh prices, the right time."""

from datetime import timedelta
from decimal import Decimal

from django.conf import settings

from trading import market_data, sessions
from trading.choices import Timeframe
from trading.preflight.items import Context, Item, failed, passed, warned

SKEW_WARNS, SKEW_FAILS = timedelta(milliseconds=500), timedelta(seconds=2)
"""Control 36: difference of the clocks."""

QUOTE_AGE = timedelta(seconds=60)


def connectivity(context: Context) -> Item:
    """The broker answers."""
    if context.market_now is None:
        return failed("the broker does not answer", "Check the network and the broker's status page.")
    return passed("answers")


def clock(context: Context) -> Item:
    """Our clock against the broker's; a simulated venue has a clock of its own, which is said."""
    if context.market_now is None:
        return failed("the broker's clock could not be read", "Check the connection to the broker.")
    if settings.VENUE_CONTROL_URL:
        return passed(f"the simulated venue's own clock reads {context.market_now:%Y-%m-%d %H:%M:%S} UTC")
    skew = abs(context.market_now - context.now)
    words = f"{skew.total_seconds():.3f} s apart"
    if skew > SKEW_FAILS:
        return failed(words, "Set this machine's clock by NTP.")
    if skew > SKEW_WARNS:
        return warned(words, "Look at this machine's time service.")
    return passed(words)


def calendar(context: Context) -> Item:
    """The broker's sessions of the next week are ours."""
    if context.market_now is None:
        return failed("the broker's calendar could not be read", "Check the connection to the broker.")
    first = sessions.date_of(context.market_now)
    last = first + timedelta(days=7)
    theirs = context.gateway.calendar(first, last)
    # A venue's replay may end within the week: only days it has an opinion on are compared.
    reach = max((row.date for row in theirs), default=first)
    apart = sessions.differences(theirs, first, min(last, reach))
    if apart:
        return failed(" ".join(each.sentence for each in apart), "Update exchange-calendars, or ask the broker.")
    return passed(f"sessions agree from {first} to {min(last, reach)}")


def credentials(context: Context) -> Item:
    """The keys open the account they are meant for."""
    number = context.gateway.account().number
    if number != context.account.number:
        return failed(
            f"the keys open account {number}, not {context.account.number}",
            "Put the keys of this account into its settings.",
        )
    return passed(f"the keys open {number}, {context.account.mode}")


def account(context: Context) -> Item:
    """Active and not blocked."""
    report = context.gateway.account()
    flags = {
        "trading blocked": report.trading_blocked,
        "account blocked": report.account_blocked,
        "suspended by user": report.trade_suspended_by_user,
    }
    raised = [name for name, up in flags.items() if up]
    if report.status != "ACTIVE" or raised:
        return failed(f"status {report.status}; {', '.join(raised) or 'no flag'}", "Ask the broker, or lift the flag.")
    return passed("ACTIVE, no flag")


def buying_power(context: Context) -> Item:
    """Something to trade with."""
    report = context.gateway.account()
    words = f"equity {report.equity:,.2f}, cash {report.cash:,.2f}, buying power {report.buying_power:,.2f} USD"
    if report.equity <= 0 or report.buying_power <= 0:
        return failed(words, "Fund the account.")
    if report.cash <= report.equity * Decimal("0.05"):
        return warned(words, "Less than 5 % in cash: entries will be denied.")
    return passed(words)


def data(context: Context) -> Item:
    """Prices are fresh: in a session the quotes, otherwise the last session's bars."""
    symbols = market_data.symbols_of(context.account)
    if not symbols:
        return failed("no active strategy names a symbol", "Activate a strategy with symbols.")
    if context.market_now is None:
        return failed("the venue's clock could not be read", "Check the connection to the broker.")
    if sessions.session_at(context.market_now) is not None:
        quotes = context.gateway.quotes(symbols)
        stale = sorted(set(symbols) - {q.symbol for q in quotes if context.market_now - q.at <= QUOTE_AGE})
        if stale:
            return failed(f"no fresh quote for {', '.join(stale)}", "Check the data feed and its subscription.")
        return passed(f"fresh quotes of {len(symbols)} symbols")
    last = sessions.last_closed(context.market_now)
    bars = context.gateway.bars(symbols, Timeframe.MINUTE, last.close_at - timedelta(minutes=30), last.close_at)
    missing = sorted(set(symbols) - {bar.symbol for bar in bars})
    if missing:
        return failed(f"no bar at the last close for {', '.join(missing)}", "Check the data feed and its subscription.")
    return passed(f"bars of {len(symbols)} symbols up to the close of {last.date}")
