"""What was last done for the house, as controls 51 and 52 judge it. Reads; only new secrets are written down."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from risk import attesting
from risk.attesting import Kind
from risk.models import Attestation
from risk.post_trade.upkeep import Kept, Secret
from trading.choices import Mode
from trading.models import Account

PERIOD = timedelta(days=183)
"""Six months: in them the highest load is looked for."""

_PEAK = """
    SELECT coalesce(max(n), 0) FROM (
        SELECT count(*) AS n FROM trading_orderintent
        WHERE approved AND purpose <> 'adjust' AND created_at > %s GROUP BY date_trunc('minute', decided_at)
    ) AS minutes
"""


def kept(mode: str, *, now: datetime, secrets: dict[str, Attestation] | None = None) -> Kept:
    """What stands on the record; five statements. `secrets` are the newest notes by name, read here when not given."""
    assessed, stressed = attesting.latest(Kind.ASSESSMENT), attesting.latest(Kind.STRESS)
    restored = attesting.latest(Kind.RESTORE)
    known = attesting.latest_of_each(Kind.SECRET) if secrets is None else secrets
    return Kept(
        mode=mode,
        now=now,
        assessed_at=assessed.done_at if assessed else None,
        stressed_at=stressed.done_at if stressed else None,
        stress_carried=int(stressed.evidence.get("carried", 0)) if stressed else None,
        peak=peak(now=now),
        secrets=tuple(
            Secret(name, known[name].done_at if name in known else None) for name in sorted(settings.SECRETS_IN_USE())
        ),
        restored_at=restored.done_at if restored else None,
    )


def keeping_mode(account: Account) -> str:
    """How strictly age of secrets and backups counts: at the simulated venue there is nothing real to lose."""
    return Mode.PAPER if settings.VENUE_CONTROL_URL else account.mode


def peak(*, now: datetime) -> int:
    """The most messages the desk decided to send within one minute of the last six months."""
    with connection.cursor() as cursor:
        cursor.execute(_PEAK, [now - PERIOD])
        ((highest,),) = cursor.fetchall()
    return int(highest)


def note_secrets(*, by: str, now: datetime) -> dict[str, Attestation]:
    """Write down each secret that is not the one seen last; returns the newest note by name.

    What is kept is a fingerprint that cannot be turned back. The age of a secret counts from the first sight of it: it
    cannot be made younger by saying so.
    """
    known = attesting.latest_of_each(Kind.SECRET)
    for name, fingerprint in sorted(settings.SECRETS_IN_USE().items()):
        before = known.get(name)
        if before is not None and before.evidence.get("fingerprint") == fingerprint:
            continue
        said = f"{name} is another one than before" if before else f"{name} was seen for the first time"
        known[name] = attesting.record(
            Kind.SECRET, subject=name, sentence=f"{said}; its age counts from now.", by=by, now=now,
            evidence={"fingerprint": fingerprint},
        )  # fmt: skip
    return known
