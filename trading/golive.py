"""Going live takes two people: one asks on a green preflight, another approves, and then the account is armed.

The approval covers a fingerprint of build, strategies and limits. A change of any of them, a halt or a breach takes it
back.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from audit import trail
from risk import ramp, refusals, signoff, signoff_terms, stages
from risk.models import ChangeRequest
from trading import arming, preflight
from trading.broker import credentials, factory
from trading.choices import Mode
from trading.models import Account, LiveArming, PreflightRun

KIND = "golive"
ARMED_FOR = timedelta(days=1)
"""How long an arming lasts: a live day begins with people looking at it again."""


class Refused(refusals.Refused):
    """Going live was refused; the text says why and what would help."""

    event = "golive.refused"


def request(*, account: Account, reason: str, by_user: User, typed_number: str, now: datetime) -> ChangeRequest:
    """Ask for live trading of one account, on a preflight made now.

    Raises Refused for a paper account, a number that was not typed as it is, a missing switch, an open halt or broken
    limit and a red preflight, and `signoff.NotAllowed` as that does.
    """
    run = _green_preflight(account, typed_number, by_user, now)
    with refusals.attempt():
        return signoff.request(
            kind=KIND,
            target=f"account:{account.number}",
            base_version=arming.fingerprint(account),
            payload={
                "covers": arming.covered(account),
                "preflight": run.pk,
                "mode": account.mode,
                "stage": stages.at_least_first(ramp.held(account.number).name),
            },
            reason=reason,
            by=by_user,
            now=now,
            place=signoff_terms.here(account.number),
        )


def arm(*, request_id: UUID, account: Account, by_user: User, typed_number: str, now: datetime) -> LiveArming:
    """Carry out an approved request: preflight again, consume the approval, let the account trade and send orders.

    Raises Refused and `signoff.NotAllowed`; nothing is armed then.
    """
    run = _green_preflight(account, typed_number, by_user, now)
    with refusals.attempt():
        locked = Account.objects.select_for_update().get(pk=account.pk)
        # A halt may have come while preflight ran.
        _nothing_in_the_way(account, by_user, now)
        fingerprint = arming.fingerprint(account)
        executed = signoff.consume(
            request_id,
            kind=KIND,
            current_base_version=lambda _: fingerprint,
            by=by_user.get_username(),
            now=now,
            place=signoff_terms.here(account.number),
        )
        LiveArming.objects.filter(account=account, revoked_at=None).update(
            revoked_at=now, revoked_because="replaced by a newer arming"
        )
        armed = LiveArming.objects.create(
            account=account,
            request_id=executed.pk,
            preflight=run,
            fingerprint=fingerprint,
            armed_by=by_user.get_username(),
            armed_at=now,
            expires_at=now + ARMED_FOR,
        )
        evidence = {"preflight": str(run), "fingerprint": fingerprint}
        ramp.enter(executed, account=account.number, evidence=evidence, by=by_user.get_username(), now=now)
        _activate(locked, by_user)
        until = f"{armed.expires_at:%Y-%m-%d %H:%M} UTC"
        _tell(account, "golive.armed", f"{account} may send live orders until {until}", by_user, now)
        return armed


def take_back(account: Account, *, now: datetime) -> list[str]:
    """Revoke the arming where it is over; returns why. A person who wants to stop halts instead.

    A later preflight that is red, or a switch that is off, stops orders without ending the approval.
    """
    armed = arming.in_force(account) if account.mode == Mode.LIVE else None
    reasons = arming.ends(armed, account, now=now) if armed else []
    if armed is None or not reasons:
        return []
    with transaction.atomic():
        void(account, because="; ".join(reasons), now=now)
    return reasons


def void(account: Account, *, because: str, now: datetime) -> bool:
    """Take the arming back for a change of what the account may do; call it in the change's transaction."""
    revoked = LiveArming.objects.filter(account=account, revoked_at=None).update(
        revoked_at=now, revoked_because=because
    )
    if revoked:
        _tell(account, "golive.revoked", f"{account} may send no live orders: {because}", None, now)
    return bool(revoked)


def reasons_not_live(account: Account, now: datetime) -> list[str]:
    """Every reason why this account may not send orders now; empty when it may."""
    return arming.reasons_not_live(account, now=now)


def _green_preflight(account: Account, typed_number: str, by_user: User, now: datetime) -> PreflightRun:
    """A preflight made now, outside the change's transaction: it asks the broker, and its record outlives a refusal."""
    with refusals.attempt():
        _confirm(account, typed_number, by_user, now)
        _nothing_in_the_way(account, by_user, now)
        try:
            gateway = factory.gateway_for(account.number)
        except (factory.NoSuchAccount, credentials.DoNotBelongTogether) as problem:
            raise _refuse(account, f"Preflight cannot run: {problem}.", by_user, now) from problem
    run = preflight.run(account, by=by_user.get_username(), now=now, gateway=gateway)
    with refusals.attempt():
        if not run.passed:
            raise _refuse(account, f"Preflight {run.pk} is red: {_red(run.items)}.", by_user, now)
    return run


def _confirm(account: Account, typed_number: str, by_user: User, now: datetime) -> None:
    if account.mode != Mode.LIVE:
        raise _refuse(account, f"{account} is a paper account; only a live account goes live.", by_user, now)
    if typed_number.strip() != account.number:
        raise _refuse(account, "The account number was not typed as it is; type it to confirm.", by_user, now)
    missing = arming.switches_missing()
    if missing:
        raise _refuse(account, f"Live trading is off: {', '.join(missing)}.", by_user, now)


def _nothing_in_the_way(account: Account, by_user: User, now: datetime) -> None:
    reasons = arming.in_the_way(account)
    if reasons:
        sentence = f"{'; '.join(reasons)}. Have it released or closed first."
        raise _refuse(account, sentence[0].upper() + sentence[1:], by_user, now)


def _activate(locked: Account, by_user: User) -> None:
    """Let the engine make passes for the account; the row's history says who armed it."""
    if locked.active:
        return
    locked.active = True
    locked._history_user = by_user  # type: ignore[attr-defined]
    locked._change_reason = "armed for live trading"  # type: ignore[attr-defined]
    locked.save(update_fields=["active"])


def _red(items: list[dict[str, str]]) -> str:
    return ", ".join(item["name"] for item in items if item["result"] == preflight.FAIL)


def _refuse(account: Account, sentence: str, by_user: User, now: datetime) -> Refused:
    return Refused(sentence, by=by_user.get_username(), now=now, subject=account.number, account=account.number)


def _tell(account: Account, event: str, sentence: str, by_user: User | None, now: datetime) -> None:
    trail.record(
        event=event,
        account=account.number,
        mode=account.mode,
        subject=account.number,
        sentence=sentence,
        by=by_user.get_username() if by_user else "golive",
        now=now,
        severity="critical",
    )
