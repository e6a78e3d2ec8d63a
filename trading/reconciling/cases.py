"""The door by which people work off a reconciliation case: never an overwrite, never a trade.

One person closes what both sides agree on by now. What changes the books takes two: the broker's side is accepted by an
approved request and appended as adjusting entries, and not when figures have moved since it was asked for.
"""

import hashlib
from datetime import datetime
from decimal import Decimal
from typing import Any

import rfc8785
from django.contrib.auth.models import User

from audit import trail
from risk import refusals, signoff, signoff_terms
from risk.models import ChangeRequest
from trading import orders
from trading.broker import credentials, factory
from trading.broker.gateway import BrokerError, BrokerGateway
from trading.models import Account, AccountState, AdjustingEntry, ReconciliationBreak
from trading.reconciling import acceptance, booking, reconciliation
from trading.reconciling.differences import Difference

KIND = "books.adjust"
PERMISSION = "trading.change_reconciliationbreak"

_Status = ReconciliationBreak.Status


class NotClosed(refusals.Refused):
    """A case cannot be closed so; nothing was changed."""

    event = "reconciliation.closing_refused"


def close(case: ReconciliationBreak, *, reason: str, by: User, now: datetime) -> ReconciliationBreak:
    """Close a case that both sides agree on by now; the broker is asked at once.

    Raises NotClosed without permission or reason, for a closed case, for sides that still differ, and when the broker
    cannot be asked.
    """
    with refusals.attempt():
        _may(case, reason, by, now)
    still = _standing(case, by, now)
    with refusals.attempt():
        held = _lock(case, by, now)
        if why := _why_not_agreed(held, still):
            raise _refuse(held, why, by, now)
        return _resolve(held, f"closed by a person, both sides being equal: {reason.strip()}", by, now)


def request(case: ReconciliationBreak, *, reason: str, price: str = "", by: User, now: datetime) -> ChangeRequest:
    """Ask another person to accept the broker's side as it stands now.

    Raises NotClosed as `close` does and for what the books cannot take, and `signoff.NotAllowed` as that does.
    """
    with refusals.attempt():
        _may(case, reason, by, now)
    gateway, market_now = _broker(case, by, now)
    still = _standing(case, by, now, gateway, market_now)
    found = _found(case, still)
    payload = {"act": acceptance.ADOPT if _is_strangers_fill(found) else "", "entry": found.evidence if found else {}}
    open_order = _is_strangers_fill(found) and _stranger(case, payload, gateway, by, now) is None
    with refusals.attempt():
        if found is None:
            raise _refuse(case, "Both sides agree by now; close the case instead.", by, now)
        if why := _explained(found, still) or (booking.STILL_OPEN if open_order else ""):
            raise _refuse(case, why, by, now)
        try:
            accepted = acceptance.of(found, price=price.strip())
        except acceptance.NotAcceptable as problem:
            raise _refuse(case, str(problem), by, now) from problem
        return signoff.request(
            kind=KIND,
            target=f"case:{case.pk}",
            base_version=_version(found),
            payload={
                "name": f"{case.get_kind_display()} {case.symbol or case.subject}",
                "old": found.expected,
                "new": found.seen,
                "act": accepted.act,
                "books": accepted.sentence,
                "entry": dict(accepted.payload),
                "mode": case.account.mode,
            },
            reason=reason,
            by=by,
            now=now,
            place=signoff_terms.here(case.account.number),
        )


def carry_out(asked: ChangeRequest, *, by_user: User, now: datetime) -> ReconciliationBreak:
    """Book the broker's side by an approved request, once, and close the case.

    Raises NotClosed where the books cannot take it, `signoff.NotAllowed` unless the approval holds and both sides still
    say what was approved.
    """
    case = ReconciliationBreak.objects.select_related("account").get(pk=int(asked.target.partition(":")[2]))
    gateway, market_now = _broker(case, by_user, now)
    found = _found(case, _standing(case, by_user, now, gateway, market_now))
    order = _stranger(case, asked.payload, gateway, by_user, now)
    with refusals.attempt():
        held = _lock(case, by_user, now)
        done = signoff.consume(
            asked.pk,
            kind=KIND,
            current_base_version=lambda _: "both sides agree" if found is None else _version(found),
            by=by_user.get_username(),
            now=now,
            place=signoff_terms.here(asked.account),
        )
        try:
            pieces = booking.book(held.account, done, order, at=market_now, now=now)
        except booking.CannotBook as problem:
            raise _refuse(held, str(problem), by_user, now) from problem
        _keep(held, done, pieces, by_user, now)
        return _resolve(held, f"the broker's side was accepted by two people: {done.reason}", by_user, now)


def _keep(case: ReconciliationBreak, done: ChangeRequest, pieces: list[booking.Piece], by: User, now: datetime) -> None:
    for piece in pieces:
        AdjustingEntry.objects.create(
            account=case.account,
            case=case,
            request_id=done.pk,
            order=piece.order,
            reverses=piece.reverses,
            cash=piece.cash,
            reason=done.reason,
            booked_by=by.get_username(),
            booked_at=now,
        )
        trail.record(
            event="books.adjusted",
            account=case.account.number,
            mode=case.account.mode,
            subject=case.symbol or case.subject,
            sentence=f"{case}: {done.payload['books']}",
            data={"request": str(done.pk), "case": case.pk, "cash": piece.cash, "entry": done.payload["entry"]},
            by=by.get_username(),
            now=now,
            severity="critical",
        )


def _may(case: ReconciliationBreak, reason: str, by: User, now: datetime) -> None:
    if not by.has_perm(PERMISSION):
        sentence = f"{by.get_username()} may not close cases; a risk officer or an approver does."
        raise _refuse(case, sentence, by, now)
    if not reason.strip():
        raise _refuse(case, "Say why: a case is not closed without a reason.", by, now)
    _lock(case, by, now)


def _lock(case: ReconciliationBreak, by: User, now: datetime) -> ReconciliationBreak:
    # The account's row first, as every writer of the books takes it.
    AccountState.objects.select_for_update().get(account_id=case.account_id)
    held = ReconciliationBreak.objects.select_for_update(of=("self",)).select_related("account").get(pk=case.pk)
    if held.status != _Status.OPEN:
        raise _refuse(held, f"The case is closed already, by {held.resolved_by}.", by, now)
    return held


def _broker(case: ReconciliationBreak, by: User, now: datetime) -> tuple[BrokerGateway, datetime]:
    try:
        gateway = factory.gateway_for(case.account.number)
        return gateway, gateway.clock().at
    except (BrokerError, factory.NoSuchAccount, credentials.DoNotBelongTogether) as failure:
        raise _unread(case, failure, by, now) from failure


def _standing(
    case: ReconciliationBreak,
    by: User,
    now: datetime,
    gateway: BrokerGateway | None = None,
    market_now: datetime | None = None,
) -> list[Difference]:
    """Every difference now, this very stranger's fill included for as long as nobody booked it."""
    if gateway is None or market_now is None:
        gateway, market_now = _broker(case, by, now)
    try:
        found = reconciliation.standing(case.account, gateway, now=now, market_now=market_now)
    except BrokerError as failure:
        raise _unread(case, failure, by, now) from failure
    if case.expected == reconciliation.STRANGER and not any(each.subject == case.subject for each in found):
        evidence = dict(case.evidence)
        found.append(Difference(case.kind, case.subject, case.symbol, case.expected, case.seen, evidence))
    return found


def _stranger(
    case: ReconciliationBreak, payload: dict[str, Any], gateway: BrokerGateway, by: User, now: datetime
) -> orders.Adopted | None:
    try:
        return booking.stranger(payload, gateway)
    except BrokerError as failure:
        raise _unread(case, failure, by, now) from failure


def _is_strangers_fill(found: Difference | None) -> bool:
    return found is not None and found.expected == reconciliation.STRANGER


def _explained(found: Difference, still: list[Difference]) -> str:
    """Shares or cash that a fill's own case explains are not booked twice."""
    fills = [each for each in still if each.kind == "fill" and found.symbol in ("", each.symbol)]
    if found.kind not in ("position", "cash") or not fills:
        return ""
    return f"The case of the fill of {fills[0].symbol} explains this; work that one off first."


def _unread(case: ReconciliationBreak, failure: Exception, by: User, now: datetime) -> NotClosed:
    with refusals.attempt():
        raise _refuse(case, f"The broker could not be asked, so nothing was changed: {failure}", by, now)


def _found(case: ReconciliationBreak, still: list[Difference]) -> Difference | None:
    return next((each for each in still if (each.kind, each.subject) == (case.kind, case.subject)), None)


def _why_not_agreed(case: ReconciliationBreak, still: list[Difference]) -> str:
    """A stranger's fill has left no trace when position and cash are equal; any other case when it is not found."""
    if case.expected == reconciliation.STRANGER:
        traces = [
            each for each in still if each.kind == "cash" or (each.kind, each.symbol) == ("position", case.symbol)
        ]
    else:
        traces = [each for each in still if each == _found(case, still)]
    if not traces:
        return ""
    told = "; ".join(f"{each.symbol or 'cash'}: our books {each.expected}, broker {each.seen}" for each in traces)
    return f"Both sides still differ ({told}). Ask another person to accept the broker's side."


def _resolve(case: ReconciliationBreak, resolution: str, by: User, now: datetime) -> ReconciliationBreak:
    case.status, case.resolved_at, case.resolved_by = _Status.RESOLVED, now, by.get_username()
    case.resolution = resolution
    case.save(update_fields=["status", "resolved_at", "resolved_by", "resolution"])
    trail.record(
        event="reconciliation.break_resolved",
        account=case.account.number,
        mode=case.account.mode,
        subject=case.symbol or case.subject,
        sentence=f"{case.symbol or case.subject}: {resolution}",
        data={"case": case.pk},
        by=by.get_username(),
        now=now,
        severity="serious",
    )
    return case


def _version(found: Difference) -> str:
    """SHA-256 over both sides and what would be booked: a figure that moves voids the approval."""
    words: dict[str, Any] = {"kind": found.kind, "subject": found.subject}
    words["gap"] = _gap(found)
    return hashlib.sha256(rfc8785.dumps(words)).hexdigest()


def _gap(found: Difference) -> str:
    """Of cash the difference alone: trading in other symbols moves both sides."""
    if found.kind != "cash":
        return f"{found.expected} / {found.seen}"
    ours, theirs = (Decimal(text.removesuffix(" USD")) for text in (found.expected, found.seen))
    return f"{theirs - ours}"


def _refuse(case: ReconciliationBreak, sentence: str, by: User, now: datetime) -> NotClosed:
    number = Account.objects.values_list("number", flat=True).get(pk=case.account_id)
    return NotClosed(sentence, by=by.get_username(), now=now, subject=case.symbol or case.subject, account=number)
