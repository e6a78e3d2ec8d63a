"""Taking back what was carried out already: one person suffices, and what it costs is that entries stop at once."""

from datetime import datetime
from uuid import UUID

from audit import trail
from audit.severity import Severity
from risk import halts, refusals, wording
from risk.models import ChangeRequest, Halt
from risk.models.scope import ScopeKind


class Refused(refusals.Refused):
    """A revocation was refused; nothing was changed."""

    event = "signoff.refused"


def revoke(request_id: UUID, *, reason: str, by: str, now: datetime) -> Halt:
    """Halt new entries (H1) where an executed request holds: its account, or the firm.

    A halt also takes back the arming of a live account. Raises Refused for a request that was not executed, and
    without a reason.
    """
    with refusals.attempt():
        asked = ChangeRequest.objects.filter(pk=request_id).first()
        if asked is None or asked.status != ChangeRequest.Status.EXECUTED:
            sentence = "Only what was carried out can be revoked; withdraw or decline what was not."
            raise Refused(sentence, by=by, now=now, subject=str(request_id))
        if not reason.strip():
            raise Refused("Say why you revoke it.", by=by, now=now, subject=asked.target)
        kind = ScopeKind.ACCOUNT if asked.account else ScopeKind.FIRM
        said = wording.request(asked.kind, asked.target)
        halt = halts.engage(
            level=Halt.Level.H1,
            scope_kind=kind,
            scope_key=asked.account,
            reason=f"the request {said} was revoked: {reason.strip()}",
            by=by,
            now=now,
        )
        trail.record(
            event="signoff.revoked",
            account=asked.account,
            subject=asked.target,
            sentence=f"The request {said}, carried out already, was revoked: {reason.strip()}",
            data={"request": str(asked.pk), "halt": halt.pk},
            by=by,
            now=now,
            severity=Severity.CRITICAL,
        )
        return halt
