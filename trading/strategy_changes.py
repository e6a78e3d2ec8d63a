"""The one writer of strategies after the desk began: what rests or narrows holds at once, the rest takes two people.

A strategy that is made rests until two people have let it trade.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, Q, Sum

from audit import trail
from risk import refusals, signoff, signoff_terms, tightening, wording
from risk.models import ChangeRequest
from trading.choices import Purpose
from trading.models import AccountState, DailyReport, LotClosing, OrderIntent, Strategy

KIND = "strategy.change"
_VERSIONED = {"rule", "parameters", "symbols", "risk_fraction"}
"""What an approval to go live covers: a change of any is a new version."""


class Refused(refusals.Refused):
    """A change of a strategy was refused; nothing was changed."""

    event = "strategy.refused"


def state(strategy: Strategy) -> dict[str, Any]:
    """What two people decide about: rule, parameters, symbols, risk (a fraction as text), and whether it acts."""
    return {
        "name": strategy.name,
        "rule": strategy.rule,
        "parameters": strategy.parameters,
        "symbols": list(strategy.symbols),
        "risk_fraction": f"{Decimal(strategy.risk_fraction).normalize():f}",
        "active": strategy.active,
    }


def propose(
    strategy: Strategy, wanted: dict[str, Any], *, reason: str, by_user: User, now: datetime
) -> Strategy | ChangeRequest:
    """Let `wanted` (as `state` says it) hold at once where it tightens, or ask another person.

    Raises Refused without a reason or where nothing would change, signoff.NotAllowed as that does.
    """
    with refusals.attempt():
        held = Strategy.objects.select_for_update(of=("self",)).get(pk=strategy.pk)
        old, by = state(held), by_user.get_username()
        if old == wanted or not reason.strip():
            sentence = "Nothing would change." if old == wanted else "Say why."
            raise Refused(sentence, by=by, now=now, subject=str(held), account=held.account.number)
        if tightening.is_tightening(tightening.STRATEGY, old, wanted):
            return _apply(held, wanted, reason=reason, by=by_user, now=now)
        return signoff.request(
            kind=KIND,
            target=f"strategy:{held.pk}",
            base_version=_version(held),
            payload={
                "name": held.name,
                "old": old,
                "new": wanted,
                "mode": held.account.mode,
                "evidence": evidence(held),
            },
            reason=reason,
            by=by_user,
            now=now,
            place=signoff_terms.here(held.account.number),
        )


def carry_out(asked: ChangeRequest, *, by_user: User, now: datetime) -> Strategy:
    """Change a strategy by an approved request, once. Raises signoff.NotAllowed unless it may be used here and now."""
    with refusals.attempt():
        locked: list[Strategy] = []

        def current(request: ChangeRequest) -> str:
            number = int(request.target.partition(":")[2])
            locked.append(Strategy.objects.select_for_update(of=("self",)).get(pk=number))
            return _version(locked[0])

        done = signoff.consume(
            asked.pk,
            kind=KIND,
            current_base_version=current,
            by=by_user.get_username(),
            now=now,
            place=signoff_terms.here(asked.account),
        )
        return _apply(locked[0], done.payload["new"], reason=done.reason, by=by_user, now=now, request=done)


def evidence(held: Strategy) -> list[dict[str, str]]:
    """What a request rests on: how the strategy has done so far, whatever its version, and its account's sessions."""
    intents = OrderIntent.objects.filter(strategy=held, purpose=Purpose.ENTRY)
    asked = intents.aggregate(all=Count("pk"), denied=Count("pk", filter=Q(approved=False)))
    closed = LotClosing.objects.filter(lot__opening_fill__order__intent__strategy=held).aggregate(
        all=Count("pk"), gains=Count("pk", filter=Q(realised_pnl__gt=0)), pnl=Sum("realised_pnl", default=Decimal(0))
    )
    days = DailyReport.objects.filter(account=held.account).aggregate(
        all=Count("pk"), equal=Count("pk", filter=Q(books_equal_broker=True))
    )
    known = AccountState.objects.filter(account=held.account, equity__isnull=False).first()
    said = {
        "account": f"{held.account}, {held.account.get_mode_display()}",
        "equity": wording.usd(known.equity) if known and known.equity is not None else "not read yet",
        "entries so far": f"{asked['all']} asked for, {asked['denied']} denied",
        "closed so far": f"{wording.counted(closed['all'], 'lot')}, {closed['gains']} with a gain",
        "realised": wording.usd(closed["pnl"]),
        "sessions": f"{days['all']} closed, {days['equal']} with books equal to the broker's",
    }
    # A list: what is kept as an object comes back in another order.
    return [{"name": name, "value": value} for name, value in said.items()]


def _apply(
    held: Strategy,
    wanted: dict[str, Any],
    *,
    reason: str,
    by: User,
    now: datetime,
    request: ChangeRequest | None = None,
) -> Strategy:
    fields = tightening.changed(state(held), wanted)
    for name in fields:
        setattr(held, name, Decimal(wanted[name]) if name == "risk_fraction" else wanted[name])
    if _VERSIONED & set(fields):
        held.version += 1
    held._history_user = by  # type: ignore[attr-defined]
    held._change_reason = reason.strip()[:100]  # type: ignore[attr-defined]
    if request:
        held.change = request
    held.save(update_fields=[*fields, "version", "change"])
    trail.record(
        event="strategy.changed",
        account=held.account.number,
        mode=held.account.mode,
        subject=str(held),
        sentence=f"{held}: {', '.join(name.replace('_', ' ') for name in fields)} changed: {reason.strip()}",
        data={"fields": fields, "version": held.version, "request": str(request.pk) if request else None},
        by=by.get_username(),
        now=now,
    )
    return held


def _version(held: Strategy) -> str:
    return f"{held.version} {'active' if held.active else 'rests'}"
