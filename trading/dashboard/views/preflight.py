"""Preflight checklists: the runs, one run, and running it now."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from trading import preflight as checklist
from trading.dashboard import access, chosen
from trading.dashboard.presenters import preflights as presenter
from trading.models import PreflightRun


@require_safe
@never_cache
@access.requires(access.SEE)
def preflights(request: HttpRequest) -> HttpResponse:
    """The latest checklist of the account, and the ones before."""
    account = chosen.account(request)
    if account is None:
        return render(request, "dashboard/no_account.html")
    page = presenter.read(account, timezone.now())
    return render(request, "dashboard/preflight.html", {**page, "may_run": request.user.has_perm(access.RUN_PREFLIGHT)})


@require_safe
@never_cache
@access.requires(access.SEE)
def preflight_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """One checklist as it was."""
    run = PreflightRun.objects.select_related("account").filter(pk=run_id).first()
    if run is None:
        raise Http404("No preflight run has that number.")
    page = {"run": presenter.checklist(run, timezone.now()), "may_run": False}
    return render(request, "dashboard/preflight.html", page)


@require_POST
@access.requires(access.RUN_PREFLIGHT)
def run(request: HttpRequest) -> HttpResponse:
    """Go through the checklist now."""
    account = chosen.account(request)
    if account is None:
        return redirect("preflight")
    done = checklist.run(account, by=request.user.get_username(), now=timezone.now())
    if done.passed:
        messages.info(request, "Preflight passed.")
    else:
        messages.warning(request, "Preflight did not pass; each failed item below names its remedy.")
    return redirect("preflight")
