"""Accounts with their forms, and their state and lease to read."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminSelectWidget

from audit.models import AuditEvent
from trading.admin import links
from trading.admin.figures import FiguresAdmin
from trading.admin.histories import HistoryAdmin, ReasonedForm
from trading.choices import Mode
from trading.models import Account, AccountLease, AccountState, Order, OrderIntent


class AccountForm(ReasonedForm):
    """An account; its number and mode are chosen once, when it is made."""

    class Meta:
        model = Account
        fields = ("number", "name", "active", "trade_interval_minutes")


class NewAccountForm(AccountForm):
    kind = forms.ChoiceField(
        label="Mode",
        choices=Mode.choices,
        widget=UnfoldAdminSelectWidget,
        help_text="Never changes: a live account stays live.",
    )

    def save(self, commit: bool = True) -> Any:
        self.instance.mode = self.cleaned_data["kind"]
        return super().save(commit)


@admin.register(Account)
class AccountAdmin(HistoryAdmin):
    list_display = ("name", "number", "mode", "active", "trade_interval_minutes", "blotter", "halt")
    list_filter = ("mode", "active")
    search_fields = ("name", "number")
    ordering = ("id",)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        kwargs["form"] = AccountForm if obj else NewAccountForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        if obj is None:
            return ("number", "name", "kind", "active", "trade_interval_minutes", "reason")
        return (
            "number", "mode", "name", "active", "trade_interval_minutes", "reason", "state_link", "orders", "events",
        )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return ("number", "mode", "state_link", "orders", "events") if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save, and open the row whose lock the order path takes."""
        super().save_model(request, obj, form, change)
        AccountState.objects.get_or_create(account=obj)

    @admin.display(description="intents")
    def blotter(self, account: Account) -> SafeString:
        """Its intents in the admin."""
        return links.to_list(OrderIntent, "intents", account__id__exact=account.pk)

    @admin.display(description="stop")
    def halt(self, account: Account) -> SafeString:
        """The way to the one red button, for this account."""
        return format_html('<a href="{}?scope={}">Halt…</a>', reverse("halt"), account.pk)

    @admin.display(description="state")
    def state_link(self, account: Account) -> str:
        """Figures and flags as last read."""
        return links.to(AccountState.objects.filter(account=account).first())

    @admin.display(description="orders")
    def orders(self, account: Account) -> SafeString:
        """Its orders."""
        return links.to_list(Order, "orders", account__id__exact=account.pk)

    @admin.display(description="record")
    def events(self, account: Account) -> SafeString:
        """Its events."""
        return links.to_list(AuditEvent, "events", q=account.number)


@admin.register(AccountState)
class AccountStateAdmin(FiguresAdmin):
    list_display = ("account", "status", "equity", "cash", "ledger_cash", "buying_power", "figures_at")
    list_filter = ("account", "status")
    search_fields = ("account__number", "account__name")
    ordering = ("account",)


@admin.register(AccountLease)
class AccountLeaseAdmin(FiguresAdmin):
    list_display = ("account", "holder", "token", "expires_at")
    list_filter = ("account",)
    search_fields = ("account__number", "holder")
    ordering = ("account",)
