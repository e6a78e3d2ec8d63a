"""What a person types on the desk: filters, the reason of a halt, a vote. Each says in one sentence what is wrong."""

from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from risk.stages import Stage
from trading.dashboard.presenters.halts import LEVELS
from trading.reading import blotter


class Told(forms.Form):
    """A form whose refusal is one sentence above the page."""

    def first_error(self) -> str:
        """The first thing that is wrong, with the field's name."""
        for name, found in self.errors.items():
            return f"{self.fields[name].label or name.replace('_', ' ').capitalize()}: {found[0]}"
        return "Nothing was sent."


class ReasonForm(Told):
    """Only a reason."""

    reason = forms.CharField(max_length=500, error_messages={"required": "say why, in a few words."})


class ConfirmForm(Told):
    """The account number, typed to confirm; empty where none is asked for."""

    typed_number = forms.CharField(required=False, max_length=32)


class GoLiveForm(ReasonForm):
    """Going live: why, and the account number typed."""

    typed_number = forms.CharField(
        max_length=32, label="Account number", error_messages={"required": "type it to confirm."}
    )


class LowerForm(ReasonForm):
    """Putting an account lower: to which stage, and why."""

    stage = forms.TypedChoiceField(choices=[(each, each) for each in Stage], coerce=Stage)


class PersonForm(ReasonForm):
    """What is to become of a person: one of four changes, with a reason."""

    WANTED: ClassVar = {
        "stop": {"approves": False},
        "vote": {"approves": True},
        "off": {"active": False},
        "back": {"active": True},
    }
    change = forms.ChoiceField(choices=[(name, name) for name in WANTED])

    def clean(self) -> dict[str, Any]:
        """Add `wanted`: the fields of a person that are to differ."""
        read: dict[str, Any] = super().clean() or {}
        read["wanted"] = self.WANTED.get(read.get("change", ""), {})
        return read


class EnrolForm(ReasonForm):
    """An account that belongs to nobody, the human being behind it, and whether the vote is to count."""

    account = forms.ModelChoiceField(
        User.objects.filter(is_active=True, person_account=None),
        error_messages={"invalid_choice": "choose one that belongs to nobody yet."},
    )
    name = forms.CharField(max_length=150, error_messages={"required": "say who the human being is."})
    approves = forms.BooleanField(required=False)


class LimitForm(ReasonForm):
    """A new value for one limit in one scope; `limit` is "name|scope kind|scope key" as the page offers it."""

    limit = forms.CharField(max_length=200)
    hours = forms.IntegerField(
        required=False,
        min_value=1,
        label="Only for so many hours",
        error_messages={"invalid": "give whole hours, 24 at most, or nothing."},
    )
    value = forms.CharField(max_length=32, label="New value", error_messages={"required": "give the new value."})

    def clean(self) -> dict[str, Any]:
        """Split the choice; fractions may be written in percent ("2 %")."""
        read: dict[str, Any] = super().clean() or {}
        name, _, scope = read.get("limit", "").partition("|")
        read["name"] = name
        read["scope_kind"], _, read["scope_key"] = scope.partition("|")
        text = read.get("value", "").replace("\u202f", "").replace(" ", "")
        read["value"] = _fraction(text) if text.endswith("%") else text
        return read


def _fraction(text: str) -> str:
    """ "2%" as "0.02"; what is no number is left for the writer of limits to refuse in its own words."""
    try:
        return f"{Decimal(text.rstrip('%')) / 100:f}"
    except InvalidOperation:
        return text


class BlotterFilter(forms.Form):
    """Narrowing of the blotter; what cannot be read is told and filters nothing."""

    show = forms.CharField(required=False)
    symbol = forms.CharField(required=False, max_length=16)
    strategy = forms.CharField(required=False, max_length=64)
    code = forms.CharField(required=False, max_length=48, label="Denied because")
    first = forms.DateField(required=False, label="From session", widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(required=False, label="To session", widget=forms.DateInput(attrs={"type": "date"}))

    def wanted(self) -> blotter.Filter:
        """The filter as far as it could be read."""
        self.is_valid()
        read: dict[str, Any] = self.cleaned_data
        group = read.get("show") or "all"
        return blotter.Filter(
            group=group if group in blotter.GROUPS else "all",
            symbol=read.get("symbol") or "",
            strategy=read.get("strategy") or "",
            code=read.get("code") or "",
            first=read.get("first"),
            last=read.get("last"),
        )


class HaltForm(forms.Form):
    """What to stop and why. One hand is enough."""

    ALL = "all"

    scope = forms.CharField()
    level = forms.ChoiceField(
        choices=list(LEVELS.items()),
        error_messages={"required": "Choose how far the halt goes.", "invalid_choice": "Choose H1, H2 or H3."},
    )
    reason = forms.CharField(
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say why, in a few words: the next person reads it before releasing the halt."},
    )

    def __init__(self, *args: Any, accounts: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.accounts = accounts

    def clean_scope(self) -> Any:
        """The account to stop, or None for all of them."""
        chosen = self.cleaned_data["scope"]
        if chosen == self.ALL:
            return None
        if chosen not in self.accounts:
            raise ValidationError("There is no such account; choose one of the list, or all.")
        return self.accounts[chosen]


class VoteForm(forms.Form):
    """A decision on one exact request. What is missing is refused by the writer, so that the attempt is recorded."""

    decision = forms.ChoiceField(choices=[("APPROVE", "Approve"), ("REJECT", "Decline")])
    payload_hash = forms.CharField(max_length=64)
    reason = forms.CharField(required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    code = forms.CharField(required=False, max_length=12)
    token = forms.CharField(required=False, max_length=2000)
    credential = forms.CharField(required=False, max_length=10_000)


class AuditFilter(forms.Form):
    """Search in the record."""

    q = forms.CharField(required=False, max_length=128, label="Words, id or symbol")
    event = forms.CharField(required=False, max_length=64)
    severity = forms.CharField(required=False, max_length=8)
    day = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    everything = forms.BooleanField(required=False, label="all accounts")
