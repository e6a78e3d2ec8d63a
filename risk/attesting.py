"""The one writer of attestations: what people and runs of the program show to have been done, with its evidence."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import rfc8785
from django.db import transaction

from audit import payload, trail
from audit.severity import Severity
from risk import refusals
from risk.models import Attestation

Kind = Attestation.Kind


class NotRecorded(refusals.Refused):
    """It cannot be recorded so; nothing was kept."""

    event = "attestation.refused"


def record(
    kind: str,
    *,
    subject: str,
    sentence: str,
    by: str,
    now: datetime,
    done_at: datetime | None = None,
    passed: bool = True,
    why_not: str = "",
    evidence: Mapping[str, Any] | None = None,
) -> Attestation:
    """Keep what was done at `done_at` (now where it is not given). `why_not` is the caller's reason to refuse it.

    Raises NotRecorded for that, without a sentence, and for a time to come, payload.Unrecordable for evidence that
    holds a secret.
    """
    at, said = done_at or now, sentence.strip()
    with refusals.attempt():
        why = why_not or ("" if said else "Say what was done and what was found.")
        why = why or ("It lies in the future; record it once it is done." if at > now else "")
        if why:
            raise NotRecorded(why, by=by, now=now, subject=subject)
        plain = payload.plain(evidence or {})
        content: dict[str, Any] = {
            "kind": str(kind),
            "subject": subject,
            "passed": passed,
            "sentence": said,
            "evidence": plain,
        }
        digest = hashlib.sha256(rfc8785.dumps({**content, "done_at": at.isoformat(), "by": by})).hexdigest()
        with transaction.atomic():
            made = Attestation.objects.create(**content, digest=digest, done_at=at, by=by, recorded_at=now)
            trail.record(
                event="attestation.recorded" if passed else "attestation.failed",
                subject=f"{kind} {subject}"[:128],
                sentence=said,
                data={"kind": str(kind), "digest": digest, "done_at": at.isoformat()},
                by=by,
                now=now,
                severity=Severity.INFO if passed else Severity.SERIOUS,
            )
    return made


def latest(kind: str, *, subject: str | None = None) -> Attestation | None:
    """The newest that was done and passed, of one subject where that is given."""
    found = Attestation.objects.filter(kind=kind, passed=True)
    if subject is not None:
        found = found.filter(subject=subject)
    return found.order_by("-done_at", "-pk").first()


def latest_of_each(kind: str) -> dict[str, Attestation]:
    """Subject -> the newest that passed."""
    found = Attestation.objects.filter(kind=kind, passed=True).order_by("subject", "-done_at", "-pk")
    return {each.subject: each for each in found.distinct("subject")}
