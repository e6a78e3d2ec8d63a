"""Controls 1, 2 and 3: may anything be sent at all from this account, in this world, now?"""

from risk import wording
from risk.exposure import Denial, DenialCode
from risk.pre_trade.case import ONE, Case, denial, in_seconds, missing
from risk.stages import Stage


def latch(case: Case) -> Denial | None:
    """Deny when halted or the latch cannot be read, and live entries without a stage above paper or an approval."""
    refusal = case.halts.refusal(case.proposed.purpose)
    if refusal:
        code = DenialCode.HALTED if case.halts.readable else DenialCode.HALT_STATE_UNREADABLE
        return denial(code, refusal, ", ".join(f"{halt.level} {halt.scope}" for halt in case.halts.halts))
    if case.proposed.mode != "live" or not case.proposed.is_entry:
        return None
    stage = case.limits.stage
    if stage is None or stage.name == Stage.PAPER:
        sentence = "The account stands on paper (S0): two people let it go live first."
        return denial(DenialCode.STAGE_NOT_LIVE, sentence, stage.name if stage else "not known")
    if case.exposure.live_permission:
        why = "; ".join(case.exposure.live_permission)
        return denial(DenialCode.LIVE_NOT_APPROVED, f"Live entries are not approved: {why}", why)
    return None


def environment(case: Case) -> Denial | None:
    """Deny unless order, account and proved credentials name the same account and the same world."""
    proposed, exposure = case.proposed, case.exposure
    if not exposure.pinned_number or not exposure.pinned_mode:
        sentence = "It is not proved which account the credentials belong to; run preflight."
        return denial(DenialCode.ENVIRONMENT_UNPROVED, sentence, exposure.pinned_number)
    if proposed.account != exposure.account:
        sentence = f"The order is for account {proposed.account}, the figures are of {exposure.account}."
        return denial(DenialCode.ENVIRONMENT_MISMATCH, sentence, exposure.account)
    worlds = {proposed.mode, exposure.mode, exposure.pinned_mode}
    if len(worlds) > 1 or proposed.mode not in {"paper", "live"}:
        sentence = (
            f"The order is {proposed.mode or 'of no mode'}, the account {exposure.mode}, its credentials"
            f" {exposure.pinned_mode}: these must be the same."
        )
        return denial(DenialCode.ENVIRONMENT_MISMATCH, sentence, exposure.pinned_mode)
    return None


def account_flags(case: Case) -> Denial | None:
    """Deny when the broker blocks the account; for entries also when it is not active or its figures are old."""
    exposure = case.exposure
    suspended = case.proposed.is_entry and exposure.trade_suspended
    if exposure.trading_blocked or exposure.account_blocked or suspended:
        blocks = {"trading blocked": exposure.trading_blocked, "account blocked": exposure.account_blocked}
        raised = [name for name, up in {**blocks, "trading suspended": suspended}.items() if up]
        sentence = f"The broker has the account's flags up: {', '.join(raised)}. Clear them at the broker."
        return denial(DenialCode.ACCOUNT_BLOCKED, sentence, ", ".join(raised))
    if not case.proposed.is_entry:
        return None
    if exposure.account_status.upper() != "ACTIVE":
        sentence = f"The account's status at the broker is {exposure.account_status or 'not known'}, not ACTIVE."
        return denial(DenialCode.ACCOUNT_INACTIVE, sentence, exposure.account_status)
    return _age_of_figures(case)


def _age_of_figures(case: Case) -> Denial | None:
    known_at = case.exposure.state_known_at
    if known_at is None:
        raise missing("when the account's figures were read")
    age = case.exposure.now - known_at
    limit = case.limits["account_state_seconds"]
    # A reading from the future means that a clock is wrong, and its age means nothing.
    seconds = in_seconds(age)
    if -ONE <= seconds <= limit.value:
        return None
    seen = wording.span(seconds)
    sentence = f"The account's figures are {seen} old; at most {wording.span(limit.value)} is allowed."
    return denial(DenialCode.ACCOUNT_STALE, sentence, seen, limit)
