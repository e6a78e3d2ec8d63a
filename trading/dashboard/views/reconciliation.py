"""Comparisons with the broker and the breaks they found."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from trading.dashboard import access, chosen
from trading.dashboard.presenters import calls, comparisons
from trading.dashboard.views import paging


@require_safe
@never_cache
@access.requires(access.SEE)
def reconciliation(request: HttpRequest) -> HttpResponse:
    """Open breaks first, then the runs."""
    account = chosen.account(request)
    if account is None:
        return render(request, "dashboard/no_account.html")
    now = timezone.now()
    page, found = comparisons.read(account, now, paging.number(request))
    shown = {**page, "hosts": calls.read(account, now), "pages": paging.shown(request, found)}
    return render(request, "dashboard/reconciliation.html", shown)
