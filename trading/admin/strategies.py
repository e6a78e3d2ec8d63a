"""Strategies with a form that a rule's own parameters are checked by, and the signals they gave."""

import re
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from risk import clock, refusals
from trading import strategy_changes
from trading.admin import links
from trading.admin.figures import FiguresAdmin
from trading.admin.histories import HistoryAdmin, ReasonedForm
from trading.models import OrderIntent, Signal, Strategy

if TYPE_CHECKING:
    from trading.strategies.registry import Registry

SYMBOL = re.compile(r"[A-Z]{1,5}(\.[A-Z])?")
"""How the exchanges write a symbol, with the class of the share behind a point."""


class StrategyForm(ReasonedForm):
    """A rule with parameters; symbols are written with commas between."""

    rule = forms.ChoiceField(widget=UnfoldAdminSelectWidget)
    symbols = forms.CharField(
        widget=UnfoldAdminTextInputWidget, help_text="With commas between, for instance AAPL, MSFT."
    )
    parameters = forms.JSONField(
        required=False,
        initial=dict,
        widget=UnfoldAdminTextareaWidget,
        help_text="JSON; what is absent takes its default.",
    )

    class Meta:
        model = Strategy
        fields = ("account", "name", "rule", "parameters", "symbols", "risk_fraction", "active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = _rules().names()
        current = self.instance.rule
        if "rule" in self.fields:
            listed = names if not current or current in names else (*names, current)
            self.fields["rule"].choices = [(name, name.replace("_", " ")) for name in listed]  # type: ignore[attr-defined]
        if "symbols" in self.fields and self.instance.pk:
            self.initial["symbols"] = ", ".join(self.instance.symbols)

    def clean_symbols(self) -> list[str]:
        """Symbols as the exchange writes them. The stream asks the broker about new ones and names those it lacks."""
        wanted = [part.strip().upper() for part in self.cleaned_data["symbols"].split(",") if part.strip()]
        misspelt = [symbol for symbol in wanted if not SYMBOL.fullmatch(symbol)]
        if misspelt:
            raise forms.ValidationError(f"{', '.join(misspelt)} is no symbol; write it like AAPL or BRK.B.")
        return list(dict.fromkeys(wanted))

    def clean(self) -> dict[str, Any]:
        """Let the rule itself judge its parameters."""
        read: dict[str, Any] = super().clean() or {}
        read["parameters"] = read.get("parameters") or {}
        if "rule" in read and (refusal := _refusal(read["rule"], read["parameters"])):
            self.add_error("parameters", refusal)
        return read


def _rules() -> "Registry":
    # Imported here: every process loads the admin, and few need what indicators stand on.
    from trading.strategies import registry

    return registry.load(tuple(settings.STRATEGY_RULES))


def _refusal(rule: str, parameters: dict[str, Any]) -> str:
    from trading.strategies.parameters import UnableToUseParameters
    from trading.strategies.registry import UnknownRule

    try:
        _rules().parse(rule, parameters)
    except (UnableToUseParameters, UnknownRule) as refusal:
        return str(refusal)
    return ""


@admin.register(Strategy)
class StrategyAdmin(HistoryAdmin):
    form = StrategyForm
    list_display = ("name", "account", "rule", "version", "active", "traded", "risk_fraction", "signals_link")
    list_filter = ("account", "active", "rule")
    list_select_related = ("account",)
    search_fields = ("name", "rule")
    ordering = ("account", "name")
    readonly_fields = ("version", "signals_link", "intents_link")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A strategy stays with its account."""
        return (*self.readonly_fields, "account") if obj else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Make a strategy that rests; let what tightens hold at once and ask another person for the rest."""
        wanted = strategy_changes.state(obj)
        if not change:
            obj.active = False
            super().save_model(request, obj, form, change)
            if not wanted["active"]:
                return
        said = self._propose(request, Strategy.objects.get(pk=obj.pk), wanted, form.cleaned_data["reason"])
        # Django's own "was changed" would be untrue of what only waits.
        request.strategy_said = said  # type: ignore[attr-defined]

    def _propose(self, request: HttpRequest, held: Strategy, wanted: dict[str, Any], reason: str) -> tuple[int, str]:
        user = cast(User, request.user)
        try:
            made = strategy_changes.propose(held, wanted, reason=reason, by_user=user, now=clock.now())
        except refusals.Refused as refusal:
            return messages.ERROR, refusal.sentence
        if isinstance(made, Strategy):
            return messages.SUCCESS, f"In force: {made}."
        return messages.INFO, f"{held} stays as it is; the change waits for another person (Requests)."

    def message_user(
        self, request: HttpRequest, message: Any, level: Any = messages.INFO, *rest: Any, **more: Any
    ) -> None:
        """Say what came of it."""
        level, message = getattr(request, "strategy_said", (level, message))
        super().message_user(request, message, level, *rest, **more)

    @admin.display(description="symbols")
    def traded(self, strategy: Strategy) -> str:
        """Its symbols, with commas between."""
        return ", ".join(strategy.symbols)

    @admin.display(description="signals")
    def signals_link(self, strategy: Strategy) -> SafeString:
        """What it wanted."""
        return links.to_list(Signal, "signals", strategy__id__exact=strategy.pk)

    @admin.display(description="intents")
    def intents_link(self, strategy: Strategy) -> SafeString:
        """What came of it."""
        return links.to_list(OrderIntent, "intents", strategy__id__exact=strategy.pk)


@admin.register(Signal)
class SignalAdmin(FiguresAdmin):
    list_display = ("bar_at", "strategy", "strategy_version", "instrument", "direction", "strength", "reason")
    list_filter = (("bar_at", RangeDateTimeFilter), "strategy", "direction", "session_date")
    search_fields = ("instrument__symbol", "strategy__name", "reason")
    ordering = ("-id",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*super().get_fields(request, obj), "intents"]

    @admin.display(description="intents")
    def intents(self, signal: Signal) -> str:
        """What was made of it."""
        return links.listed(signal.intents.select_related("instrument"))
