"""Risk in the admin: all is searched and read; limits are proposed, requests decided, breaches closed by writers."""

from datetime import timedelta
from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import action, display

from audit.readonly import ReadOnlyAdmin
from risk import asking, breaches, limits, people, policy, signoff, signoff_terms, wording
from risk.asking import Question
from risk.forms import LimitForm, ReasonForm
from risk.models import (
    Breach,
    ChangeRequest,
    Execution,
    Factor,
    Halt,
    HaltReceipt,
    Limit,
    Person,
    PersonAccount,
    PolicyAdoption,
    Vote,
)

_COLOURS = {"PENDING": "warning", "APPROVED": "info", "EXECUTED": "success", "REJECTED": "danger"}
STATUS_COLOURS = {**_COLOURS, "WITHDRAWN": "", "EXPIRED": ""}


@admin.register(Limit)
class LimitAdmin(ReadOnlyAdmin):
    """Every version of every limit. A stricter value holds at once; a looser one becomes a request."""

    list_display: tuple[str, ...] = (
        "name",
        "scope",
        "figure",
        "ceiling",
        "version",
        "set_by",
        "active_from",
        "active_to",
    )
    list_filter = ("name", "scope_kind", ("active_to", admin.EmptyFieldListFilter), "set_by")
    search_fields = ("name", "scope_key", "set_by", "reason")
    ordering = ("name", "scope_kind", "scope_key", "-version")
    actions_list = ("propose",)
    actions_detail = ("set_value",)

    @admin.display(description="scope", ordering="scope_kind")
    def scope(self, row: Limit) -> str:
        """The scope in words."""
        return row.scope

    @admin.display(description="value", ordering="value")
    def figure(self, row: Limit) -> str:
        """The value in its unit."""
        return wording.figure(row.unit, row.value)

    @admin.display(description="ceiling in code")
    def ceiling(self, row: Limit) -> str:
        """The loosest value that any row may have."""
        bound = policy.BOUNDS.get(row.name)
        return wording.figure(bound.unit, bound.ceiling) if bound else "not in the policy"

    def is_known(self, scope_kind: str, scope_key: str) -> bool:
        """Whether the desk has that account, strategy or symbol; trading, which knows them, says more."""
        return True

    def has_propose_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Operators may tighten and ask; whether a value tightens is decided by `limits`."""
        return request.user.has_perm("risk.add_changerequest")

    @action(description="Propose a limit", url_path="propose", permissions=["propose"])
    def propose(self, request: HttpRequest) -> HttpResponse:
        return self._propose(request, {})

    @action(description="Set a new value", url_path="set-value", permissions=["propose"])
    def set_value(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = get_object_or_404(Limit, pk=object_id)
        return self._propose(request, {"name": row.name, "scope_kind": row.scope_kind, "scope_key": row.scope_key})

    def _propose(self, request: HttpRequest, initial: dict[str, str]) -> HttpResponse:
        user = cast(User, request.user)

        def act(read: dict[str, Any]) -> str:
            now, hours = timezone.now(), read.pop("hours")
            until = now + timedelta(hours=hours) if hours is not None else None
            made = limits.propose(
                **read, by=user, now=now, place=signoff_terms.here(), until=until, is_known=self.is_known
            )
            if isinstance(made, Limit):
                return f"{made} is in force."
            return f"{made} would loosen it and waits for another person."

        asked = Question(
            title="Propose a limit",
            question="A stricter value holds at once. A looser one waits for another person.",
            verb="Propose",
            back=reverse("admin:risk_limit_changelist"),
        )
        return asking.answer(request, asked, LimitForm(request.POST or None, initial=initial), act)


@admin.register(ChangeRequest)
class ChangeRequestAdmin(ReadOnlyAdmin):
    """What one person asked for and another decides on the desk's page, with its evidence."""

    list_display = ("requested_at", "kind", "target", "status_label", "requested_by", "account", "reason")
    list_filter = (("requested_at", RangeDateTimeFilter), "kind", "status", "requested_by", "account")
    search_fields = ("=id", "kind", "target", "reason", "payload_hash", "requested_account")
    ordering = ("-requested_at",)
    actions_detail = ("decide", "withdraw", "carry_out")

    @display(description="status", ordering="status", label=STATUS_COLOURS)
    def status_label(self, row: ChangeRequest) -> str:
        """The status as a coloured word."""
        return row.status

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Voting asks for a second factor, which the desk's own page does; it says there why somebody may not."""
        waits = ChangeRequest.objects.open(timezone.now()).filter(pk=object_id).exists()
        return waits and request.user.has_perm("risk.add_vote")

    def has_withdraw_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Only the person who asked, until it is executed."""
        who = people.behind(cast(User, request.user), timezone.now())
        return ChangeRequest.objects.open(timezone.now()).filter(pk=object_id, requested_by=who).exists()

    def has_carry_out_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """An approved limit is carried out here; halts and go-live where their own evidence is looked at again."""
        ready = ChangeRequest.objects.filter(pk=object_id, kind=limits.KIND, status=ChangeRequest.Status.APPROVED)
        return request.user.has_perm("risk.add_changerequest") and ready.exists()

    @action(description="Read and decide", url_path="decide", permissions=["decide"])
    def decide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect("request", request_id=object_id)

    @action(description="Withdraw", url_path="withdraw", permissions=["withdraw"])
    def withdraw(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = get_object_or_404(ChangeRequest, pk=object_id)

        def act(_: dict[str, Any]) -> str:
            return f"{signoff.withdraw(row.pk, by=cast(User, request.user), now=timezone.now())} is withdrawn."

        return asking.answer(request, _question(row, "Withdraw"), _reason(request, row), act)

    @action(description="Carry out", url_path="carry-out", permissions=["carry_out"])
    def carry_out(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = get_object_or_404(ChangeRequest, pk=object_id)

        def act(_: dict[str, Any]) -> str:
            by = request.user.get_username()
            return f"{limits.loosen(row, by=by, now=timezone.now(), place=signoff_terms.here())} is in force."

        return asking.answer(request, _question(row, "Carry out"), _reason(request, row), act)


def _question(row: ChangeRequest, verb: str) -> Question:
    facts = [(name.replace("_", " "), value) for name, value in row.payload.items()]
    facts += [("reason", row.reason), ("content hash", row.payload_hash), ("build", row.build)]
    return Question(
        title=f"{verb}: {row}",
        question=f"{row.requested_by} asks for {row.kind} {row.target}. {verb}?",
        verb=verb,
        back=reverse("admin:risk_changerequest_change", args=[row.pk]),
        facts=facts,
    )


def _reason(request: HttpRequest, row: ChangeRequest) -> ReasonForm:
    # The hash travels with the page, so that a vote is for what was shown.
    return ReasonForm(request.POST or None, initial={"payload_hash": row.payload_hash})


@admin.register(Breach)
class BreachAdmin(ReadOnlyAdmin):
    """Limits that were reached; a person closes each with a reason."""

    list_display = ("opened_at", "account", "symbol", "code", "stage", "seen", "limit_name", "limit_value", "closed_by")
    list_filter = (
        ("opened_at", RangeDateTimeFilter),
        "stage",
        "code",
        ("closed_at", admin.EmptyFieldListFilter),
        "account",
    )
    search_fields = ("account", "symbol", "code", "limit_name", "sentence", "closing_reason")
    ordering = ("-opened_at",)
    actions_detail = ("close",)

    def has_close_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Open ones, by those who may change breaches."""
        is_open = Breach.objects.open().filter(pk=object_id).exists()
        return is_open and request.user.has_perm("risk.change_breach")

    @action(description="Close", url_path="close", permissions=["close"])
    def close(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = get_object_or_404(Breach, pk=object_id)

        def act(read: dict[str, Any]) -> str:
            by = request.user.get_username()
            return f"{breaches.close(row, reason=read['reason'], by=by, now=timezone.now())} is closed."

        back = reverse("admin:risk_breach_change", args=[row.pk])
        asked = Question(f"Close: {row}", row.sentence, "Close", back, [("seen", row.seen), ("limit", row.limit_value)])
        return asking.answer(request, asked, ReasonForm(request.POST or None), act)


@admin.register(Halt)
class HaltAdmin(ReadOnlyAdmin):
    list_display = (
        "engaged_at",
        "level",
        "scope_kind",
        "scope_key",
        "engaged_by",
        "reason",
        "released_at",
        "released_by",
    )
    list_filter = (
        ("engaged_at", RangeDateTimeFilter),
        "level",
        "scope_kind",
        ("released_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("scope_key", "reason", "engaged_by", "released_by")
    ordering = ("-engaged_at",)


@admin.register(HaltReceipt)
class HaltReceiptAdmin(ReadOnlyAdmin):
    list_display = ("at", "halt", "account", "action", "subject", "outcome", "detail")
    list_filter = (("at", RangeDateTimeFilter), "outcome", "action", "account")
    search_fields = ("subject", "detail", "account")
    ordering = ("-id",)


@admin.register(Vote)
class VoteAdmin(ReadOnlyAdmin):
    list_display = ("decided_at", "request", "decision", "decided_by", "requested_by", "proved_by", "reason")
    list_filter = (("decided_at", RangeDateTimeFilter), "decision", "auth_method")
    search_fields = ("decided_by__name", "requested_by__name", "request__target", "payload_hash", "reason")
    ordering = ("-decided_at",)

    @admin.display(description="proved by", ordering="auth_method")
    def proved_by(self, row: Vote) -> str:
        """The second factor, and that a code is the weaker one."""
        return wording.proof(row.auth_method)


@admin.register(Execution)
class ExecutionAdmin(ReadOnlyAdmin):
    list_display = ("executed_at", "request", "executed_by", "payload_hash")
    list_filter = (("executed_at", RangeDateTimeFilter), "executed_by")
    search_fields = ("request__target", "executed_by", "payload_hash")
    ordering = ("-executed_at",)


@admin.register(Person)
class PersonAdmin(ReadOnlyAdmin):
    list_display = ("name", "active", "approves_from", "created_at")
    list_filter = ("active", ("approves_from", admin.EmptyFieldListFilter))
    search_fields = ("name", "accounts__user__username")
    ordering = ("name",)


@admin.register(PersonAccount)
class PersonAccountAdmin(ReadOnlyAdmin):
    list_display = ("user", "person", "usable_from", "created_at")
    list_filter = ("person",)
    search_fields = ("user__username", "person__name")
    ordering = ("person", "user")


@admin.register(Factor)
class FactorAdmin(ReadOnlyAdmin):
    """What people vote with; signing in has a list of its own."""

    list_display = ("account", "kind", "name", "enrolled_at", "usable_from", "founding", "change", "revoked_at")
    list_filter = ("kind", "founding", ("revoked_at", admin.EmptyFieldListFilter))
    search_fields = ("account__person__name", "account__user__username", "credential_id", "name")
    ordering = ("-enrolled_at",)


@admin.register(PolicyAdoption)
class PolicyAdoptionAdmin(ReadOnlyAdmin):
    list_display = ("version", "adopted_at", "holds_from", "change", "digest")
    search_fields = ("version", "digest")
    ordering = ("-adopted_at",)
