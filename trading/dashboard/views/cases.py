"""One reconciliation case: both sides, and the two ways by which people work it off."""

from collections.abc import Callable
from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from risk import clock, refusals
from risk.models import ChangeRequest
from trading.dashboard import access
from trading.dashboard.presenters import comparisons
from trading.models import ReconciliationBreak
from trading.reconciling import cases


@require_safe
@never_cache
@access.requires(access.SEE)
def case(request: HttpRequest, case_id: int) -> HttpResponse:
    """One case, with the forms for whoever may use them."""
    return _show(request, _found(case_id))


@require_POST
@access.requires(access.SEE)
def close(request: HttpRequest, case_id: int) -> HttpResponse:
    """Close what both sides agree on; the writer refuses, and records, who may not."""
    found, user = _found(case_id), cast(User, request.user)
    return _done(request, found, lambda: cases.close(found, reason=_reason(request), by=user, now=timezone.now()))


@require_POST
@access.requires(access.SEE)
def accept(request: HttpRequest, case_id: int) -> HttpResponse:
    """Ask another person to accept the broker's side."""
    found, user, price = _found(case_id), cast(User, request.user), request.POST.get("price", "")[:32]
    return _done(
        request, found, lambda: cases.request(found, reason=_reason(request), price=price, by=user, now=clock.now())
    )


def _done(request: HttpRequest, found: ReconciliationBreak, act: Callable[[], object]) -> HttpResponse:
    """Act; a refusal is shown in place and loses nothing that was typed."""
    try:
        made = act()
    except refusals.Refused as refused:
        return _show(request, _found(found.pk), refused.sentence, status=422)
    if isinstance(made, ChangeRequest):
        messages.info(request, "Asked. Another person decides.")
        return redirect("request", request_id=made.pk)
    messages.info(request, f"Closed: {found}.")
    return redirect("reconciliation")


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "")[:500]


def _found(case_id: int) -> ReconciliationBreak:
    found = ReconciliationBreak.objects.select_related("account").filter(pk=case_id).first()
    if found is None:
        raise Http404("No case has that number.")
    return found


def _show(request: HttpRequest, found: ReconciliationBreak, error: str = "", status: int = 200) -> HttpResponse:
    context = {
        "case": comparisons.full(found, timezone.now()),
        "error": error,
        "reason": _reason(request),
        "price": request.POST.get("price", found.evidence.get("price") or ""),
        "may_close": request.user.has_perm(cases.PERMISSION),
        "may_ask": request.user.has_perm(cases.PERMISSION) and request.user.has_perm(access.ASK),
    }
    return render(request, "dashboard/case.html", context, status=status)
