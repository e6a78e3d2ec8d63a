"""Controls 41, 43 and 44: books are compared often, cases do not grow old, nothing is a stranger's."""

from decimal import Decimal

from risk import wording
from risk.at_trade.values import Action
from risk.exposure import DenialCode
from risk.post_trade.values import Compared, Finding, FindingCode, in_code
from risk.standing import LimitInForce, Limits, Unjudgeable

MISSED = 3
"""A comparison is asked for once per interval; as many missed in a row are told."""


def interval(compared: Compared, limits: Limits) -> LimitInForce:
    """How often the account is to be compared: more often while orders work. Not known counts as working."""
    return limits["compare_idle_seconds" if compared.working == 0 else "compare_working_seconds"]


def is_due(compared: Compared, limits: Limits) -> bool:
    """Whether the next comparison should be made now."""
    last = compared.compared_at
    return last is None or (compared.now - last).total_seconds() >= interval(compared, limits).value


def lateness(compared: Compared, limits: Limits) -> tuple[Finding, ...]:
    """Tell of books that were not compared for three intervals: a broker that cannot be read, or a process that stands.

    Raises Unjudgeable where neither the last comparison nor a worker is known.
    """
    known = [at for at in (compared.compared_at, compared.watched_since) if at is not None]
    if not known:
        raise Unjudgeable(DenialCode.INPUT_MISSING, "Not known: when the books were compared last.")
    limit, age = interval(compared, limits), Decimal(str((compared.now - max(known)).total_seconds()))
    if age <= limit.value * MISSED:
        return ()
    sentence = (
        f"The books were not compared with the broker's for {wording.span(age)}; they are compared every"
        f" {wording.span(limit.value)}. Look whether the broker answers and a worker takes the queue."
    )
    return (Finding(FindingCode.COMPARISON_LATE, 41, sentence, f"{age:.0f}", limit, Action.WARN),)


def ageing(compared: Compared, limits: Limits) -> tuple[Finding, ...]:
    """Stop the account's entries when its oldest open case has waited too long for a person."""
    if not compared.cases:
        return ()
    limit, oldest = limits["break_age_seconds"], min(compared.cases, key=lambda case: case.opened_at)
    age = Decimal(str((compared.now - oldest.opened_at).total_seconds()))
    if age <= limit.value:
        return ()
    where = oldest.symbol or oldest.subject
    sentence = (
        f"A difference between our books and the broker's ({where}) is open for {wording.span(age)}; from"
        f" {wording.span(limit.value)} on entries of the account stop. Work it off on the reconciliation page."
    )
    return (Finding(FindingCode.BREAK_AGED, 43, sentence, f"{age:.0f}", limit, Action.H1, oldest.symbol),)


def strangers(compared: Compared, limits: Limits) -> tuple[Finding, ...]:
    """Stop the account's entries at once when the broker shows an order, a fill or a position that is not ours."""
    limit = in_code("not_ours", 0)
    found = [case for case in compared.cases if not case.ours]
    if not found:
        return ()
    where = ", ".join(sorted({case.symbol or case.subject for case in found}))
    sentence = (
        f"The broker shows what stands in none of our books ({where}): somebody else acts on this account. Entries"
        " stop; find out who it is, then work the cases off on the reconciliation page."
    )
    return (Finding(FindingCode.NOT_OURS, 44, sentence, str(len(found)), limit, Action.H1),)
