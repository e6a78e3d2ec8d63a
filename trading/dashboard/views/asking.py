"""Forms that ask: a limit, a halt's release, going live. What tightens holds at once, the rest becomes a request."""

from collections.abc import Callable
from datetime import timedelta
from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from risk import clock, limits, refusals, signoff_terms
from risk.models import ChangeRequest, Halt
from trading import golive
from trading.dashboard import access, chosen
from trading.dashboard.forms import GoLiveForm, LimitForm, ReasonForm
from trading.halting import releasing
from trading.watching import limit_use


@require_POST
@access.requires(access.ASK)
def change_limit(request: HttpRequest) -> HttpResponse:
    """Tighten at once, or ask a second person to loosen."""
    form = LimitForm(request.POST)
    if not form.is_valid():
        return _told(request, form.first_error(), "risk")
    read, now = form.cleaned_data, clock.now()

    def ask() -> object:
        return limits.propose(
            name=read["name"],
            scope_kind=read["scope_kind"],
            scope_key=read["scope_key"],
            value=read["value"],
            reason=read["reason"],
            by=cast(User, request.user),
            now=now,
            place=signoff_terms.here(),
            until=now + timedelta(hours=read["hours"]) if read["hours"] else None,
            is_known=limit_use.is_known,
        )

    return _asked(request, ask, "risk")


@require_POST
@access.requires(access.ASK)
def ask_release(request: HttpRequest, halt_id: int) -> HttpResponse:
    """Ask another person to let trading go on."""
    halt = Halt.objects.filter(pk=halt_id).first()
    if halt is None:
        raise Http404("No halt has that number.")
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, form.first_error())
        return redirect("halt-receipt", halt_id=halt_id)
    reason, user, now = form.cleaned_data["reason"], cast(User, request.user), clock.now()
    return _asked(request, lambda: releasing.request(halt, reason=reason, by_user=user, now=now), "risk")


@require_POST
@access.requires(access.ASK)
def ask_go_live(request: HttpRequest) -> HttpResponse:
    """Ask another person to let the chosen account send real orders; its number is typed to confirm."""
    account = chosen.account(request)
    form = GoLiveForm(request.POST)
    if account is None or not form.is_valid():
        return _told(request, form.first_error(), "requests")
    read, user, now = form.cleaned_data, cast(User, request.user), clock.now()

    def ask() -> object:
        return golive.request(
            account=account, reason=read["reason"], by_user=user, typed_number=read["typed_number"], now=now
        )

    return _asked(request, ask, "requests")


def _asked(request: HttpRequest, ask: Callable[[], object], back: str) -> HttpResponse:
    """Ask; go to the request that came of it, or back with what holds now or why not."""
    try:
        made = ask()
    except refusals.Refused as refusal:
        return _told(request, refusal.sentence, back)
    if isinstance(made, ChangeRequest):
        messages.info(request, "Asked. Another person decides.")
        return redirect("request", request_id=made.pk)
    messages.info(request, f"In force now: {made}.")
    return redirect(back)


def _told(request: HttpRequest, sentence: str, back: str) -> HttpResponse:
    messages.error(request, sentence)
    return redirect(back)
