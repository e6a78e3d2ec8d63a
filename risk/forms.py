"""What a person types into the admin of risk: a proposed limit, or the reason for a decision."""

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from risk import policy
from risk.models.scope import ScopeKind

_NAMES = [(bound.name, f"{bound.name}: {bound.meaning}") for bound in policy.BOUNDS.values()]


class ReasonForm(forms.Form):
    """Why. The writer that is called says whether it suffices."""

    reason = forms.CharField(required=False, widget=UnfoldAdminTextareaWidget)
    payload_hash = forms.CharField(required=False, widget=forms.HiddenInput)


class LimitForm(forms.Form):
    """A limit as somebody would like it. Values are judged by `limits`, so that its sentence is the one people read."""

    name = forms.ChoiceField(choices=_NAMES, widget=UnfoldAdminSelectWidget)
    scope_kind = forms.ChoiceField(choices=ScopeKind.choices, widget=UnfoldAdminSelectWidget)
    scope_key = forms.CharField(required=False, label="Account, strategy or symbol", widget=UnfoldAdminTextInputWidget)
    hours = forms.IntegerField(
        required=False,
        label="Only for so many hours",
        help_text="A looser value then ends by itself, after 24 hours at most; empty holds for good.",
        widget=UnfoldAdminTextInputWidget,
    )
    value = forms.CharField(help_text="Percent limits are fractions: 0.02 is 2 %.", widget=UnfoldAdminTextInputWidget)
    reason = forms.CharField(required=False, widget=UnfoldAdminTextareaWidget)
