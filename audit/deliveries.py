"""Alerts go out: each delivery is tried until its channel takes it, or given up, and its outcome kept."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from audit import crash_points, trail
from audit.couriers import Courier, Message, Outcome
from audit.models import Alert, AlertDelivery
from audit.severity import Severity

ATTEMPTS = 8
_FIRST_WAIT = timedelta(seconds=5)


def deliver_due(*, couriers: Sequence[Courier], now: datetime) -> int:
    """Try every delivery that is due once; return how many were tried.

    Safe to run twice at once: a delivery in hand is locked, and others pass over it. A process that dies between
    sending and commit sends again: an alert may come twice, never not at all.
    """
    tried = 0
    while _deliver_one(couriers, now):
        tried += 1
    return tried


def _deliver_one(couriers: Sequence[Courier], now: datetime) -> bool:
    by_label = {courier.label: courier for courier in couriers}
    with transaction.atomic():
        delivery = (
            AlertDelivery.objects.due(now)
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("alert")
            .order_by("next_try_at", "pk")
            .first()
        )
        if delivery is None:
            return False
        courier = by_label.get(delivery.channel)
        if courier is None:
            _give_up(delivery, "this channel is no longer configured", now)
        else:
            outcome = courier.carry(message(delivery.alert, delivery.reason))
            crash_points.reach("alert.sent")
            _settle(delivery, outcome, now)
    return True


def message(alert: Alert, reason: str) -> Message:
    """What a person receives: mode first, then how grave, then the event in words."""
    again = " (nobody has acknowledged it yet)" if reason == AlertDelivery.Reason.ESCALATED else ""
    mode = _mode(alert)
    lines = [
        alert.sentence,
        "",
        f"Event: {alert.event}, {alert.count} since {alert.first_at:%Y-%m-%d %H:%M:%S} UTC",
        f"Mode: {mode}",
        f"Account: {alert.account or 'none'}",
        f"Alert number: {alert.pk}",
    ]
    title = f"[{mode.upper()}] {alert.severity}: {alert.sentence}{again}"
    return Message(title=" ".join(title.split())[:200], body="\n".join(lines), severity=Severity(alert.severity))


def _mode(alert: Alert) -> str:
    """Whose money it is about: "live", "paper", "live, simulated", or "desk" for what concerns no account."""
    mode = alert.mode or "desk"
    return f"{mode}, simulated" if settings.VENUE_CONTROL_URL else mode


def _settle(delivery: AlertDelivery, outcome: Outcome, now: datetime) -> None:
    delivery.attempts += 1
    delivery.outcome = outcome.said
    if outcome.delivered:
        delivery.status, delivery.sent_at = AlertDelivery.Status.SENT, now
        delivery.save()
    elif delivery.attempts >= ATTEMPTS:
        _give_up(delivery, outcome.said, now)
    else:
        delivery.next_try_at = now + _FIRST_WAIT * 2 ** (delivery.attempts - 1)
        delivery.save()


def _give_up(delivery: AlertDelivery, why: str, now: datetime) -> None:
    delivery.status, delivery.outcome = AlertDelivery.Status.FAILED, why
    delivery.save()
    alert = delivery.alert
    trail.record(
        event="alert.undelivered",
        severity=Severity.SERIOUS,
        account=alert.account,
        mode=alert.mode,
        subject=delivery.channel,
        sentence=f"The alert “{alert.sentence}” could not be delivered by {delivery.channel}: {why}.",
        data={"alert": alert.pk, "attempts": delivery.attempts},
        by="alerts",
        now=now,
    )


def proven(channels: Sequence[str]) -> dict[str, datetime | None]:
    """When each channel last took a test alert; None for a channel that never did."""
    tests = AlertDelivery.objects.filter(alert__event="alert.tested", status=AlertDelivery.Status.SENT)
    taken = dict(tests.values_list("channel").annotate(Max("sent_at")))
    return {channel: taken.get(channel) for channel in channels}
