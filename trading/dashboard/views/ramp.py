"""The ramp of a live account: where it stands, asking for the next stage, and putting it lower at once."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from risk import clock, refusals
from trading import staging
from trading.dashboard import access, chosen
from trading.dashboard.forms import LowerForm, ReasonForm
from trading.dashboard.presenters import market_clock
from trading.dashboard.presenters import ramp as presenter


@require_safe
@never_cache
@access.requires(access.SEE_LIMITS)
def stage(request: HttpRequest) -> HttpResponse:
    """The stage of the account, and why it can or cannot rise."""
    return _page(request)


@require_POST
@access.requires(access.ASK)
def ask_rise(request: HttpRequest) -> HttpResponse:
    """Ask another person to let the account rise by one stage."""
    account, form = chosen.account(request), ReasonForm(request.POST)
    if account is None or not form.is_valid():
        return _page(request, form.first_error(), status=422)
    reason, user = form.cleaned_data["reason"], cast(User, request.user)
    try:
        made = staging.request(account, reason=reason, by_user=user, now=clock.now())
    except refusals.Refused as refused:
        return _page(request, refused.sentence, status=422)
    messages.info(request, "Asked. Another person decides.")
    return redirect("request", request_id=made.pk)


@require_POST
@access.requires(access.HALT)
def lower(request: HttpRequest) -> HttpResponse:
    """Put the account lower, alone and at once."""
    account, form = chosen.account(request), LowerForm(request.POST)
    if account is None or not form.is_valid():
        return _page(request, form.first_error(), status=422)
    read, user = form.cleaned_data, cast(User, request.user)
    try:
        moved = staging.lower(account, read["stage"], reason=read["reason"], by_user=user, now=clock.now())
    except refusals.Refused as refused:
        return _page(request, refused.sentence, status=422)
    messages.info(request, f"In force now: account {moved.account} stands at {moved.to_stage}.")
    return redirect("stage")


def _page(request: HttpRequest, error: str = "", status: int = 200) -> HttpResponse:
    account = chosen.account(request)
    if account is None:
        return render(request, "dashboard/no_account.html")
    page = presenter.read(account, market_clock.read(account, clock.now()))
    may = {"ask": request.user.has_perm(access.ASK), "lower": request.user.has_perm(access.HALT)}
    typed = request.POST.get("reason", "")
    return render(request, "dashboard/stage.html", {**page, "error": error, "may": may, "typed": typed}, status=status)
