"""The record in the admin: events, alerts with their deliveries, seals and snapshots."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import RangeDateTimeFilter, SingleNumericFilter
from unfold.decorators import display

from audit import alerts
from audit.models import Alert, AlertDelivery, AuditEvent, AuditSeal, StateSnapshot
from audit.readonly import ReadOnlyAdmin, instant

SEVERITY_COLOURS = {"info": "info", "warning": "warning", "serious": "danger", "critical": "danger"}


@display(description="severity", ordering="severity", label=SEVERITY_COLOURS)
def severity_label(row: AuditEvent | Alert) -> str:
    """The severity as a coloured word."""
    return str(row.severity)


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = (
        instant("at", "at (UTC)", "id"),
        severity_label,
        "event",
        "mode",
        "account",
        "actor",
        "subject",
        "sentence",
    )
    list_filter = (("at", RangeDateTimeFilter), "severity", "mode", "event", "account", "actor")
    search_fields = ("=intent", "=order", "=pass_id", "=request_id", "event", "subject", "account", "actor", "sentence")
    search_help_text = "An intent, order, pass or request id in full, or part of any other word or of the sentence"
    ordering = ("-id",)


class DeliveryInline(TabularInline):
    model = AlertDelivery
    extra = 0
    can_delete = False
    fields = readonly_fields = ("channel", "reason", "status", "attempts", "queued_at", "sent_at", "outcome")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    list_display = (
        instant("last_at", "latest (UTC)", "last_at"),
        severity_label,
        "event",
        "mode",
        "account",
        "sentence",
        "count",
        "acknowledged_by",
    )
    list_filter = (
        ("last_at", RangeDateTimeFilter),
        "severity",
        "mode",
        "event",
        "account",
        ("acknowledged_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("event", "account", "subject", "sentence", "acknowledged_by")
    ordering = ("-last_at",)
    inlines = (DeliveryInline,)
    actions = ("acknowledge",)

    def has_acknowledge_permission(self, request: HttpRequest) -> bool:
        """Who may run the action."""
        return request.user.has_perm("audit.acknowledge_alert")

    @admin.action(description="Acknowledge: I know of it", permissions=["acknowledge"])
    def acknowledge(self, request: HttpRequest, queryset: QuerySet[Alert]) -> None:
        """Acknowledge the chosen alerts as the person who asks."""
        for alert in queryset:
            try:
                alerts.acknowledge(alert.pk, by=request.user.get_username(), now=timezone.now())
            except alerts.AlreadyAcknowledged as refusal:
                self.message_user(request, f"“{alert.sentence}”: {refusal}", messages.WARNING)
            else:
                self.message_user(request, f"You acknowledged “{alert.sentence}”.")


@admin.register(AlertDelivery)
class AlertDeliveryAdmin(ReadOnlyAdmin):
    list_display = (
        instant("queued_at", "queued (UTC)", "queued_at"),
        "channel",
        "alert",
        "reason",
        "status",
        "attempts",
        "sent_at",
        "outcome",
    )
    list_filter = (("queued_at", RangeDateTimeFilter), "status", "reason", "channel")
    search_fields = ("channel", "outcome", "alert__sentence")
    ordering = ("-queued_at", "-pk")


@admin.register(AuditSeal)
class AuditSealAdmin(ReadOnlyAdmin):
    list_display = ("batch", instant("sealed_at", "sealed (UTC)", "batch"), "count", "events", "short_seal")
    list_filter = (("sealed_at", RangeDateTimeFilter), ("batch", SingleNumericFilter))
    search_fields = ("=seal", "=root")
    ordering = ("-batch",)

    @display(description="events")
    def events(self, seal: AuditSeal) -> str:
        """Numbers of the first and last event."""
        return f"{seal.first_id} – {seal.last_id}"

    @display(description="seal")
    def short_seal(self, seal: AuditSeal) -> SafeString:
        """Enough of the seal to compare by eye."""
        return format_html("<code>{}…</code>", seal.seal[:16])


@admin.register(StateSnapshot)
class StateSnapshotAdmin(ReadOnlyAdmin):
    list_display = (instant("at", "at (UTC)", "id"), "mode", "account", "pass_id")
    list_filter = (("at", RangeDateTimeFilter), "mode", "account")
    search_fields = ("account", "=pass_id")
    ordering = ("-id",)
