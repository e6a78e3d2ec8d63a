"""Controls 11, 12, 20 and 25: how often, not twice, and not after a bad day."""

from datetime import timedelta

from risk import wording
from risk.exposure import Denial, DenialCode
from risk.pre_trade.case import Case, denial, missing, number, positive
from risk.standing import FLATTEN


def entries(case: Case) -> Denial | None:
    """Deny when the session has had its entries, in the account or in the symbol."""
    counts = (
        ("entries_day", case.exposure.entries_today, DenialCode.ENTRIES_DAY_REACHED, "The account"),
        (
            "entries_symbol_day",
            case.exposure.entries_today_symbol,
            DenialCode.ENTRIES_SYMBOL_REACHED,
            case.proposed.symbol,
        ),
    )
    for name, count, code, who in counts:
        limit = case.limits[name]
        if count >= limit.value:
            sentence = f"{who} has had {count} entries this session; at most {wording.count(limit.value)} are allowed."
            return denial(code, sentence, count, limit)
    return None


def messages(case: Case) -> Denial | None:
    """Deny an entry when half of the messages of the minute or the session are used.

    The other half is for what makes the account safer: cancels, exits and stops, which no count holds back.
    """
    today = case.exposure.messages_today
    if today is None:
        raise missing("how many orders were sent today")
    counts = (
        ("messages_minute", case.totals.last_minute, DenialCode.MESSAGES_MINUTE_REACHED, "within the last minute"),
        ("messages_day", today, DenialCode.MESSAGES_DAY_REACHED, "in this session"),
    )
    for name, count, code, when in counts:
        limit = case.limits[name]
        if count * 2 >= limit.value:
            sentence = (
                f"{count} orders were sent {when}; entries stop at half of {wording.count(limit.value)},"
                " the rest is kept for cancels and exits."
            )
            return denial(code, sentence, count, limit)
    return None


def duplicate(case: Case) -> Denial | None:
    """Deny a signal that has had its order, and a repeat of symbol, side and size within the window."""
    proposed, exposure = case.proposed, case.exposure
    if proposed.signal_id and proposed.signal_id in exposure.used_signal_ids:
        sentence = f"Signal {proposed.signal_id} already has its order; a new order needs a new signal."
        return denial(DenialCode.DUPLICATE_SIGNAL, sentence, proposed.signal_id)
    # A flatten is repeated on purpose until nothing is left; control 24 keeps it from selling more than is held.
    if proposed.purpose == FLATTEN:
        return None
    limit = case.limits["duplicate_window_seconds"]
    if not exposure.recent:
        return None
    window = timedelta(seconds=int(limit.value))
    same = (proposed.symbol, proposed.side, proposed.quantity)
    for recent in exposure.recent:
        if (recent.symbol, recent.side, recent.quantity) == same and abs(exposure.market_now - recent.at) < window:
            age = wording.span((exposure.market_now - recent.at).total_seconds())
            sentence = (
                f"The same order ({proposed.side} {wording.count(proposed.quantity)} {proposed.symbol}) was approved"
                f" {age} ago; within {wording.span(limit.value)} it counts as a repeat."
            )
            return denial(DenialCode.DUPLICATE_ORDER, sentence, age, limit)
    return None


def loss_budget(case: Case) -> Denial | None:
    """Deny when the day's loss has reached its limit, or would if this order's stop were hit.

    Day loss = (equity - last equity - transfers since) / last equity, negated; a deposit is no profit.
    """
    exposure, proposed = case.exposure, case.proposed
    last = positive(exposure.last_equity, "the equity at the last close")
    moved = number(exposure.intraday_adjustments, "today's transfers")
    limit = case.limits["day_loss_fraction"]
    lost, budget = last + moved - case.equity, limit.value * last
    if lost >= budget:
        loss = lost / last
        sentence = (
            f"The account has lost {wording.percent(loss)} today; entries stop at {wording.percent(limit.value)}."
        )
        return denial(DenialCode.LOSS_DAY_REACHED, sentence, loss, limit)
    # Without a stop the whole value is at risk.
    stop = proposed.stop_loss_price
    at_risk = case.value if stop is None else proposed.quantity * abs(case.price - positive(stop, "the stop"))
    if lost + at_risk > budget:
        after = (lost + at_risk) / last
        sentence = (
            f"If its stop were hit, the day's loss would be {wording.percent(after)};"
            f" the budget is {wording.percent(limit.value)}."
        )
        return denial(DenialCode.LOSS_BUDGET_EXCEEDED, sentence, after, limit)
    return None
