"""The one writer of signatures under daily reports, and the reader of what still waits for one."""

import hashlib
from datetime import datetime, time

import rfc8785
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from audit import trail
from risk import refusals
from risk.post_trade.values import Session
from trading import sessions
from trading.models import Account, DailyReport, EnginePass, ReportSignature

DUE = time(17, 0)
"""New York time of the session's day."""

PERMISSION = "trading.add_reportsignature"


class NotSigned(refusals.Refused):
    """A report cannot be signed so; nothing was changed."""

    event = "report.signing_refused"


def digest(report: DailyReport) -> str:
    """SHA-256 over the report as canonical JSON (RFC 8785): account, session, figures, whether books were equal."""
    content = {
        "account": report.account.number,
        "session": report.session_date.isoformat(),
        "figures": report.figures,
        "books_equal_broker": report.books_equal_broker,
    }
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def sign(report: DailyReport, *, shown: str, by: User, now: datetime) -> ReportSignature:
    """Put a person's name under a report, once. `shown` is the digest of what the person saw.

    Raises NotSigned without the permission, for a report that is signed, and for another text than was shown.
    """
    user, found = by.get_username(), digest(report)
    with refusals.attempt():
        if not by.has_perm(PERMISSION):
            raise _refuse(report, f"{user} may not sign reports; a risk officer or an approver does.", user, now)
        if shown != found:
            raise _refuse(report, "The report is not what was shown; look at it again and sign then.", user, now)
        if ReportSignature.objects.filter(report=report).exists():
            raise _refuse(report, f"The {report} is signed already.", user, now)
        try:
            with transaction.atomic():
                made = ReportSignature.objects.create(report=report, signed_by=user, signed_at=now, digest=found)
        except IntegrityError as first:
            raise _refuse(report, f"The {report} is signed already.", user, now) from first
        trail.record(
            event="report.signed",
            account=report.account.number,
            mode=report.account.mode,
            subject=report.session_date.isoformat(),
            sentence=f"{user} signs the {report}",
            data={"digest": found, "books_equal_broker": report.books_equal_broker},
            by=user,
            now=now,
        )
        return made


def last_session(account: Account, *, market_now: datetime) -> Session | None:
    """The newest session in which passes were made and that has closed by the venue's clock; three queries."""
    made = EnginePass.objects.filter(account=account, session_date__lte=sessions.date_of(market_now))
    for day in made.order_by("-session_date").values_list("session_date", flat=True).distinct()[:2]:
        session = sessions.session_on(day)
        if session is None or session.close_at > market_now:
            continue
        due = datetime.combine(day, DUE, tzinfo=sessions.NEW_YORK)
        due = min(due, sessions.next_open(session.close_at))
        report = DailyReport.objects.filter(account=account, session_date=day).select_related("signature").first()
        return Session(day, due, report is not None, report is not None and hasattr(report, "signature"))
    return None


def _refuse(report: DailyReport, sentence: str, by: str, now: datetime) -> NotSigned:
    number = report.account.number
    return NotSigned(sentence, by=by, now=now, subject=report.session_date.isoformat(), account=number)
