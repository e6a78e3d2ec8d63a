"""What accounts and strategies have in common in the admin: a reason for every change, kept in their history."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget

from audit import trail

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[Any]
else:
    _ModelForm = forms.ModelForm


class ReasonedForm(_ModelForm):
    """A form that asks why."""

    reason = forms.CharField(
        label="Reason for this change",
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        error_messages={"required": "Say why; the history keeps it with your name."},
    )


class HistoryAdmin(SimpleHistoryAdmin, ModelAdmin):
    """Changed with a reason, never deleted; each change is an event in the same transaction."""

    list_fullwidth = True
    history_list_display: Any = ("history_change_reason",)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: the record refers to it. Make it inactive instead."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save with the reason, and write the event."""
        now = timezone.now()
        obj._change_reason = form.cleaned_data["reason"]
        if not change:
            obj.created_at = now
        super().save_model(request, obj, form, change)
        kind = obj._meta.model_name
        fields = ", ".join(name.replace("_", " ") for name in form.changed_data if name != "reason") or "nothing"
        account = getattr(obj, "account", obj)
        trail.record(
            event=f"{kind}.{'changed' if change else 'created'}",
            sentence=f"{obj}: {fields} {'changed' if change else 'set'}: {form.cleaned_data['reason']}",
            by=request.user.get_username(),
            now=now,
            account=account.number,
            mode=account.mode,
            subject=str(obj),
            data={name: str(form.cleaned_data[name]) for name in form.changed_data if name != "reason"},
        )
