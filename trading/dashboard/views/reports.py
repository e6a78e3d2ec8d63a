"""Daily reports, as they were written at the close, and their signing by a person."""

from datetime import date
from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from risk import refusals
from trading.dashboard import access, chosen
from trading.dashboard.presenters import daily
from trading.dashboard.views import paging
from trading.models import DailyReport
from trading.reconciling import signing


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
    """One session in full, and the button for whoever may sign it."""
    return _show(request, _found(request, day))


@require_POST
@access.requires(access.SEE)
def sign(request: HttpRequest, day: str) -> HttpResponse:
    """Put one's name under a report; the writer refuses, and records, who may not."""
    found, user = _found(request, day), cast(User, request.user)
    try:
        signing.sign(found, shown=request.POST.get("digest", ""), by=user, now=timezone.now())
    except refusals.Refused as refused:
        return _show(request, _found(request, day), refused.sentence, status=422)
    messages.info(request, f"Signed: {found}.")
    return redirect("daily-report", day=day)


def _found(request: HttpRequest, day: str) -> DailyReport:
    account = chosen.account(request)
    try:
        session_date = date.fromisoformat(day)
    except ValueError as error:
        raise Http404("A report is named by its session, for instance 2026-05-04.") from error
    reports = DailyReport.objects.select_related("account", "signature")
    found = reports.filter(account=account, session_date=session_date).first()
    if found is None:
        raise Http404("No report was written for that session.")
    return found


def _show(request: HttpRequest, found: DailyReport, error: str = "", status: int = 200) -> HttpResponse:
    may = request.user.has_perm(signing.PERMISSION)
    context = {**daily.full(found), "digest": signing.digest(found), "error": error, "may_sign": may}
    return render(request, "dashboard/report.html", context, status=status)
