"""Daily reports, as they were written at the close."""

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from trading.dashboard import access, chosen
from trading.dashboard.presenters import daily
from trading.dashboard.views import paging
from trading.models import DailyReport


@require_safe
@never_cache
@access.requires(access.SEE)
def reports(request: HttpRequest) -> HttpResponse:
    """One line per closed session."""
    account = chosen.account(request)
    if account is None:
        return render(request, "dashboard/no_account.html")
    page, found = daily.read(account, paging.number(request))
    return render(request, "dashboard/reports.html", {**page, "pages": paging.shown(request, found)})


@require_safe
@never_cache
@access.requires(access.SEE)
def report(request: HttpRequest, day: str) -> HttpResponse:
    """One session in full."""
    account = chosen.account(request)
    try:
        session_date = date.fromisoformat(day)
    except ValueError as error:
        raise Http404("A report is named by its session, for instance 2026-05-04.") from error
    found = DailyReport.objects.filter(account=account, session_date=session_date).first()
    if found is None:
        raise Http404("No report was written for that session.")
    return render(request, "dashboard/report.html", daily.full(found))
