"""Serious events become alerts: read after their commit, gathered by key, escalated, acknowledged.

Nothing here is called from the trading path: the task `deliver_alerts` pulls. `deliveries` does the sending.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce

from audit import alert_rules, crash_points, trail, transactions
from audit.models import Alert, AlertDelivery, AlertedEvent, AlertReader, AuditEvent
from audit.severity import Severity

READ_AT_ONCE = 500
ESCALATIONS = 12


class AlreadyAcknowledged(ValueError):
    """Another person was quicker; the sentence says who and when."""


def gather(*, channels: Sequence[str], now: datetime) -> int:
    """Draw alerts from the events committed since the last reading; return how many events were drawn.

    Each new alert is queued for every one of `channels`. Two readers at once do no harm: one reads, one returns 0.
    """
    AlertReader.objects.bulk_create([AlertReader()], ignore_conflicts=True)
    with transaction.atomic():
        reader = AlertReader.objects.select_for_update(skip_locked=True).first()
        if reader is None:
            return 0
        # The horizon is read before the events: whatever ended before it is visible to the later statement.
        horizon = transactions.oldest_running()
        events = list(_unread(reader))
        for event in events:
            _draw(event, channels, now)
        reader.read_until = horizon if len(events) < READ_AT_ONCE else min(horizon, events[-1].xid)
        reader.save(update_fields=["read_until"])
    crash_points.reach("alert.gathered")
    return len(events)


def _unread(reader: AlertReader) -> Iterable[AuditEvent]:
    alerting = Q(severity__in=alert_rules.GRAVE) | Q(event__in=alert_rules.RULES)
    drawn = AlertedEvent.objects.filter(event=OuterRef("pk"))
    return (
        AuditEvent.objects.filter(alerting, ~Exists(drawn), xid__gte=reader.read_until)
        .exclude(event__in=alert_rules.NEVER)
        .order_by("xid", "id")[:READ_AT_ONCE]
    )


def _draw(event: AuditEvent, channels: Sequence[str], now: datetime) -> None:
    key = alert_rules.key(event)[:255]
    since = event.at - alert_rules.rule(event.event).window
    alert = Alert.objects.unacknowledged().filter(key=key, first_at__gt=since).order_by("-first_at").first()
    if alert is None:
        alert = _open(event, key, now)
        _queue(alert, AlertDelivery.Reason.OPENED, channels, now)
    else:
        Alert.objects.filter(pk=alert.pk).update(
            count=F("count") + 1, last_at=max(alert.last_at, event.at), sentence=event.sentence
        )
    AlertedEvent.objects.create(event=event, alert=alert)


def _open(event: AuditEvent, key: str, now: datetime) -> Alert:
    return Alert.objects.create(
        key=key,
        event=event.event,
        severity=event.severity,
        mode=event.mode,
        account=event.account,
        subject=event.subject,
        sentence=event.sentence,
        first_at=event.at,
        last_at=event.at,
        opened_at=now,
    )


def _queue(alert: Alert, reason: AlertDelivery.Reason, channels: Sequence[str], now: datetime) -> None:
    AlertDelivery.objects.bulk_create(
        AlertDelivery(alert=alert, channel=channel, reason=reason, queued_at=now, next_try_at=now)
        for channel in channels
    )


def escalate(*, channels: Sequence[str], after: timedelta, now: datetime) -> int:
    """Send critical alerts that nobody has acknowledged again, each time `after` has passed; return how many."""
    due = (
        Alert.objects.unacknowledged()
        .filter(severity=Severity.CRITICAL, escalations__lt=ESCALATIONS)
        .annotate(told_at=Coalesce("escalated_at", "opened_at"))
        .filter(told_at__lte=now - after)
    )
    with transaction.atomic():
        alerts = list(due.select_for_update(skip_locked=True))
        for alert in alerts:
            alert.escalated_at = now
            alert.escalations += 1
            alert.save(update_fields=["escalated_at", "escalations"])
            _queue(alert, AlertDelivery.Reason.ESCALATED, channels, now)
    return len(alerts)


def acknowledge(alert_id: int, *, by: str, now: datetime, note: str = "") -> Alert:
    """Say that `by` (a person's user name) knows of the alert; it is escalated no further.

    Raises AlreadyAcknowledged when somebody did so before, and Alert.DoesNotExist.
    """
    with transaction.atomic():
        alert = Alert.objects.select_for_update().get(pk=alert_id)
        if alert.acknowledged_at is not None:
            raise AlreadyAcknowledged(
                f"{alert.acknowledged_by} acknowledged this alert at {alert.acknowledged_at:%Y-%m-%d %H:%M:%S} UTC."
            )
        alert.acknowledged_at, alert.acknowledged_by, alert.note = now, by, note
        alert.save(update_fields=["acknowledged_at", "acknowledged_by", "note"])
        trail.record(
            event="alert.acknowledged",
            account=alert.account,
            mode=alert.mode,
            subject=alert.subject,
            sentence=f"{by} acknowledged the alert “{alert.sentence}”.",
            data={"alert": alert.pk, "count": alert.count, "note": note},
            by=by,
            now=now,
        )
    return alert


def request_test(*, by: str, now: datetime) -> AuditEvent:
    """Have a test alert sent through every channel, as proof that each of them works; see `deliveries.proven`."""
    with transaction.atomic():
        return trail.record(
            event="alert.tested",
            sentence=f"{by} asked for a test of the alert channels; nothing is wrong.",
            by=by,
            now=now,
        )
