"""The record, searchable."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from trading.dashboard import access, chosen
from trading.dashboard.forms import AuditFilter
from trading.dashboard.presenters import events as presenter


@require_safe
@never_cache
@access.requires(access.SEE_AUDIT)
def events(request: HttpRequest) -> HttpResponse:
    """Events of the chosen account and of the house, newest first."""
    form = AuditFilter(request.GET)
    form.is_valid()
    page = presenter.read(chosen.account(request), form.cleaned_data, request.GET, timezone.now())
    return render(request, "dashboard/audit.html", {**page, "form": form})
