"""Upkeep: what is due, assessing the controls, and the stress run."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from risk import clock, refusals
from trading.broker import factory
from trading.broker.gateway import BrokerError
from trading.dashboard import access, chosen
from trading.dashboard.presenters import upkeep as presenter
from trading.upkeep import assessing, stress


@require_safe
@never_cache
@access.requires(access.SEE_LIMITS)
def upkeep(request: HttpRequest) -> HttpResponse:
    """What people do for the house on time, and when each was last done."""
    return _page(request)


@require_POST
@access.requires(access.ATTEST)
def assess(request: HttpRequest) -> HttpResponse:
    """Keep what a person found in going through every control."""
    finding, user = request.POST.get("finding", ""), cast(User, request.user)
    try:
        assessing.assess(finding, shown=request.POST.get("digest", ""), by=user, now=clock.now())
    except refusals.Refused as refused:
        return _page(request, refused.sentence, status=422)
    messages.info(request, "Recorded: the controls are assessed for twelve months.")
    return redirect("upkeep")


@require_POST
@access.requires(access.ATTEST)
def run_stress(request: HttpRequest) -> HttpResponse:
    """Put the chosen account's gate under twice the highest load, now."""
    account = chosen.account(request)
    if account is None:
        return redirect("upkeep")
    try:
        gateway = factory.gateway_for(account.number)
        made = stress.run(account, gateway, by=request.user.get_username(), now=clock.now())
    except (refusals.Refused, factory.NoSuchAccount) as refused:
        return _page(request, str(refused), status=422)
    except BrokerError as failure:
        return _page(request, f"The broker does not answer: {failure}. Try again when it does.", status=422)
    (messages.info if made.passed else messages.warning)(request, made.sentence)
    return redirect("upkeep")


def _page(request: HttpRequest, error: str = "", status: int = 200) -> HttpResponse:
    account = chosen.account(request)
    if account is None:
        return render(request, "dashboard/no_account.html")
    page = presenter.read(account, clock.now())
    may, typed = request.user.has_perm(access.ATTEST), request.POST.get("finding", "")
    return render(request, "dashboard/upkeep.html", {**page, "error": error, "may": may, "typed": typed}, status=status)
