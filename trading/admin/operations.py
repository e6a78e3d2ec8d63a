"""The running of the desk to read: passes, heartbeats, preflight, reconciliation, reports, arming."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from trading.admin import links
from trading.admin.figures import FiguresAdmin
from trading.models import (
    DailyReport,
    EnginePass,
    LiveArming,
    PreflightRun,
    ProcessHeartbeat,
    ReconciliationBreak,
    ReconciliationRun,
)


@admin.register(EnginePass)
class EnginePassAdmin(FiguresAdmin):
    list_display = ("started_at", "account", "bar_at", "outcome_label", "signals", "approved", "denied", "note")
    list_filter = (("started_at", RangeDateTimeFilter), "account", "outcome", "session_date")
    search_fields = ("=id", "note")
    ordering = ("-started_at",)

    @display(description="outcome", label={"done": "success", "failed": "danger", "skipped": "warning"})
    def outcome_label(self, made: EnginePass) -> str:
        """The outcome as a coloured word."""
        return made.get_outcome_display()


@admin.register(ProcessHeartbeat)
class ProcessHeartbeatAdmin(FiguresAdmin):
    list_display = ("process", "instance", "build", "started_at", "beat_at", "worked_at", "note")
    list_filter = ("process", "build")
    search_fields = ("process", "instance")
    ordering = ("process", "-beat_at")


@admin.register(PreflightRun)
class PreflightRunAdmin(FiguresAdmin):
    list_display = ("ran_at", "account", "passed", "by", "build", "seconds", "checklist")
    list_filter = (("ran_at", RangeDateTimeFilter), "account", "passed", "mode")
    search_fields = ("by", "build")
    ordering = ("-ran_at",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["checklist", *super().get_fields(request, obj)]

    @admin.display(description="on the desk")
    def checklist(self, run: PreflightRun) -> SafeString:
        """The checklist with remedies."""
        return links.to_desk("preflight-run", "checklist", run.pk)


@admin.register(ReconciliationRun)
class ReconciliationRunAdmin(FiguresAdmin):
    list_display = ("ran_at", "account", "kind", "outcome_label", "positions", "orders", "cash_difference", "note")
    list_filter = (("ran_at", RangeDateTimeFilter), "account", "kind", "outcome")
    search_fields = ("note",)
    ordering = ("-ran_at",)

    @display(description="outcome", label={"equal": "success", "differs": "danger", "broker not readable": "warning"})
    def outcome_label(self, run: ReconciliationRun) -> str:
        """The outcome as a coloured word."""
        return run.get_outcome_display()


@admin.register(ReconciliationBreak)
class ReconciliationBreakAdmin(FiguresAdmin):
    list_display = ("opened_at", "account", "kind", "subject", "expected", "seen", "status_label", "resolution")
    list_filter = (("opened_at", RangeDateTimeFilter), "account", "kind", "status")
    search_fields = ("subject", "symbol", "resolution", "resolved_by")
    ordering = ("-opened_at",)

    @display(description="status", label={"open": "danger", "resolved": "success"})
    def status_label(self, case: ReconciliationBreak) -> str:
        """The status as a coloured word."""
        return case.get_status_display()


@admin.register(DailyReport)
class DailyReportAdmin(FiguresAdmin):
    list_display = ("session_date", "account", "books_equal_broker", "created_at")
    list_filter = ("account", "books_equal_broker", "session_date")
    search_fields = ("account__number",)
    ordering = ("-session_date",)


@admin.register(LiveArming)
class LiveArmingAdmin(FiguresAdmin):
    list_display = ("armed_at", "account", "armed_by", "expires_at", "revoked_at", "revoked_because")
    list_filter = (("armed_at", RangeDateTimeFilter), "account")
    search_fields = ("armed_by", "fingerprint", "revoked_because")
    ordering = ("-armed_at",)
