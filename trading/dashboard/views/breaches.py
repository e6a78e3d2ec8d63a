"""Breaches of limits: the list, one of them, and its closing by a person with a reason."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from risk import breaches as writer
from risk import refusals
from risk.models import Breach
from trading.dashboard import access, chosen
from trading.dashboard.forms import ReasonForm
from trading.dashboard.presenters import breaches as presenter
from trading.dashboard.presenters import market_clock
from trading.dashboard.views import paging

_SIZE = 40


@require_safe
@never_cache
@access.requires(access.SEE_BREACHES)
def breaches(request: HttpRequest) -> HttpResponse:
    """What was reached or broken, and what still waits for a person."""
    account = chosen.account(request)
    if account is None:
        return render(request, "dashboard/no_account.html")
    show = request.GET.get("show", "open")
    show = show if show in presenter.SHOWS else "open"
    time = market_clock.read(account, timezone.now())
    found = Paginator(presenter.listed(account, show), _SIZE).get_page(paging.number(request))
    context = {
        "rows": [presenter.line(breach, time) for breach in found],
        "pages": paging.shown(request, found),
        "show": show,
        "shows": presenter.SHOWS,
    }
    return render(request, "dashboard/breaches.html", context)


@require_safe
@never_cache
@access.requires(access.SEE_BREACHES)
def breach(request: HttpRequest, breach_id: int) -> HttpResponse:
    """One breach, with the form that closes it for whoever may."""
    return _show(request, _found(breach_id))


@require_POST
@access.requires(access.CLOSE_BREACH)
def close(request: HttpRequest, breach_id: int) -> HttpResponse:
    """Close a breach with a reason; a refusal is shown in place and loses nothing."""
    found = _found(breach_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _show(request, found, form.first_error(), status=422)
    reason, by = form.cleaned_data["reason"], request.user.get_username()
    try:
        writer.close(found, reason=reason, by=by, now=timezone.now())
    except refusals.Refused as refused:
        return _show(request, found, refused.sentence, status=422)
    messages.info(request, f"Closed: {found}.")
    return redirect("breaches")


def _found(breach_id: int) -> Breach:
    found = Breach.objects.filter(pk=breach_id).first()
    if found is None:
        raise Http404("No breach has that number.")
    return found


def _show(request: HttpRequest, found: Breach, error: str = "", status: int = 200) -> HttpResponse:
    time = market_clock.read(chosen.account(request), timezone.now())
    context = {
        "breach": presenter.line(found, time),
        "error": error,
        "reason": request.POST.get("reason", ""),
        "may_close": request.user.has_perm(access.CLOSE_BREACH),
    }
    return render(request, "dashboard/breach.html", context, status=status)
