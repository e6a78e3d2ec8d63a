"""Monitors 27, 29, 32, 33 and 34: how the robot and the broker behave, order by order."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from risk import wording
from risk.at_trade.values import Action, Alarm, AlarmCode, Executed, Slip, Watched
from risk.standing import Limits

REJECTS_WITHIN = timedelta(minutes=5)
ERRORS_WITHIN = timedelta(minutes=1)
SLIPS = 10
"""Fills whose mean slippage is judged."""

NOTHING = Decimal(0)


def repetition(watched: Watched, limits: Limits) -> tuple[Alarm, ...]:
    """Disable a strategy that goes on entering or being stopped in one symbol without a gain between.

    The row is not broken by the day's end, only by a gain or by people who re-arm the strategy.
    """
    by_pair: dict[tuple[str, str], list[Executed]] = defaultdict(list)
    for each in watched.executed:
        by_pair[each.strategy, each.symbol].append(each)
    rows = ((pair, list(_since_gain(found))) for pair, found in by_pair.items())
    return tuple(alarm for pair, row in rows for alarm in _repeated(pair, row, limits))


def bursts(watched: Watched, limits: Limits) -> tuple[Alarm, ...]:
    """Halt entries when the broker keeps rejecting, or cannot be reached to send."""
    rejects, errors = limits["rejects_burst"], limits["errors_burst"]
    alarms = []
    if watched.rejects and watched.rejects >= rejects.value:
        sentence = (
            f"The broker rejected {watched.rejects} orders within {wording.span(REJECTS_WITHIN.total_seconds())};"
            f" entries stop at {wording.count(rejects.value)}."
        )
        alarms.append(Alarm(AlarmCode.REJECTS_BURST, 33, sentence, str(watched.rejects), rejects, Action.H1))
    if watched.errors and watched.errors >= errors.value:
        sentence = (
            f"{watched.errors} orders failed on the wire or went unanswered within"
            f" {wording.span(ERRORS_WITHIN.total_seconds())}; entries stop at {wording.count(errors.value)}."
        )
        alarms.append(Alarm(AlarmCode.ERRORS_BURST, 33, sentence, str(watched.errors), errors, Action.H1))
    return tuple(alarms)


def slippage(watched: Watched, limits: Limits) -> tuple[Alarm, ...]:
    """Warn of one bad fill, halt entries when the last ten are bad on average.

    Judged are orders decided on a quote, against its middle; a stop or a target was decided long before it was filled.
    """
    alarms = []
    slips = [_slip(each) for each in watched.slips[:SLIPS]]
    mean_limit, fill_limit = limits["slippage_mean_fraction"], limits["slippage_fill_fraction"]
    mean = sum(slips, NOTHING) / len(slips) if slips else NOTHING
    if len(slips) == SLIPS and mean > mean_limit.value:
        sentence = (
            f"The last {SLIPS} fills were {wording.percent(mean)} worse on average than the middle they were decided"
            f" on; entries stop above {wording.percent(mean_limit.value)}."
        )
        code = AlarmCode.SLIPPAGE_MEAN_HALTED
        alarms.append(Alarm(code, 34, sentence, f"{mean:.6f}", mean_limit, Action.H1))
    for each, slip in zip(watched.slips, slips, strict=False):
        # One fill is told once: in the session it belongs to.
        if slip > fill_limit.value and each.session_date == watched.session_date:
            sentence = (
                f"{each.symbol} was filled at {wording.price(each.price)}, {wording.percent(slip)} worse than the"
                f" middle {wording.price(each.reference)}; above {wording.percent(fill_limit.value)} a person looks."
            )
            code = AlarmCode.SLIPPAGE_FILL_WARNED
            alarms.append(Alarm(code, 34, sentence, f"{slip:.6f}", fill_limit, Action.WARN, symbol=each.symbol))
    return tuple(alarms)


def unresolved(watched: Watched, limits: Limits) -> tuple[Alarm, ...]:
    """Halt entries when an order stays without a known outcome; its symbol is locked from the first second."""
    limit = limits["unresolved_seconds"]
    return tuple(
        Alarm(
            AlarmCode.ORDER_UNRESOLVED,
            27,
            f"An order in {each.symbol} has had no known outcome for {age}; after {wording.span(limit.value)}"
            " entries stop in the whole account.",
            age,
            limit,
            Action.H1,
            symbol=each.symbol,
        )
        for each in watched.unresolved
        for age in _age(each.since, watched.now, limit.value)
    )


def naked(watched: Watched, limits: Limits) -> tuple[Alarm, ...]:
    """Alarm when held shares have had no live stop for too long."""
    limit = limits["naked_seconds"]
    return tuple(
        Alarm(
            AlarmCode.POSITION_NAKED,
            29,
            f"{wording.count(each.shares)} {each.symbol} have had no live stop for {age};"
            f" at most {wording.span(limit.value)} is allowed. Arm a stop or close them.",
            age,
            limit,
            Action.WARN,
            symbol=each.symbol,
        )
        for each in watched.bare
        for age in _age(each.since, watched.now, limit.value)
    )


def _age(since: datetime, now: datetime, allowed: Decimal) -> Iterator[str]:
    """The age in words where it is more than is allowed."""
    age = (now - since).total_seconds()
    if age > allowed:
        yield wording.span(round(age))


def _since_gain(newest_first: Iterable[Executed]) -> Iterator[Executed]:
    for each in newest_first:
        if each.realised > 0:
            return
        yield each


def _repeated(pair: tuple[str, str], row: list[Executed], limits: Limits) -> Iterator[Alarm]:
    strategy, symbol = pair
    kinds = (
        ("stops_in_a_row", AlarmCode.REPEATED_STOPS, "stop", "was stopped out of"),
        ("fills_in_a_row", AlarmCode.REPEATED_FILLS, "entry", "entered"),
    )
    for name, code, purpose, did in kinds:
        limit = limits[name]
        count = sum(1 for each in row if each.purpose == purpose)
        if count and count >= limit.value:
            sentence = (
                f"{strategy} {did} {symbol} {count} times without a gain between; at {wording.count(limit.value)} it"
                " is disabled until people re-arm it."
            )
            yield Alarm(code, 32, sentence, str(count), limit, Action.DISABLE, strategy=strategy, symbol=symbol)


def _slip(each: Slip) -> Decimal:
    """How much worse than the middle, a fraction of it; negative is better."""
    worse = each.price - each.reference if each.side == "buy" else each.reference - each.price
    return worse / each.reference
