"""Limits with their use, breaches and halts."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from trading.dashboard import access, chosen
from trading.dashboard.presenters import limits as presenter
from trading.dashboard.presenters import market_clock


@require_safe
@never_cache
@access.requires(access.SEE_LIMITS)
def limits(request: HttpRequest) -> HttpResponse:
    """What the account may do, how much of it is used, and what was stopped."""
    account = chosen.account(request)
    if account is None:
        return render(request, "dashboard/no_account.html")
    time = market_clock.read(account, timezone.now())
    return render(request, "dashboard/risk.html", presenter.read(account, time))
