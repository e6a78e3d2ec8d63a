"""The one red button: what it would do, doing it, and what was done."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from risk.models import Halt
from trading.dashboard import access, chosen
from trading.dashboard.forms import HaltForm
from trading.dashboard.presenters import halts
from trading.halting import kill_switch


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@access.requires(access.HALT)
def halt(request: HttpRequest) -> HttpResponse:
    """Show what a halt would do now; on POST do it, at once and alone, and show the receipt."""
    accounts = {str(each.pk): each for each in chosen.accounts(request)}
    if request.method != "POST":
        initial = {name: request.GET[name] for name in ("scope", "level", "reason") if name in request.GET}
        form = HaltForm(accounts=accounts, initial=initial)
        return _ask(request, form, initial.get("scope", ""))
    form = HaltForm(request.POST, accounts=accounts)
    if not form.is_valid():
        return _ask(request, form, request.POST.get("scope", ""), status=422)
    read = form.cleaned_data
    pulled = kill_switch.pull(
        account=read["scope"],
        level=read["level"],
        reason=read["reason"],
        by=request.user.get_username(),
        now=timezone.now(),
    )
    return redirect("halt-receipt", halt_id=pulled.halt.pk)


@require_safe
@never_cache
@access.requires(access.SEE_LIMITS)
def receipt(request: HttpRequest, halt_id: int) -> HttpResponse:
    """What the halt did at the broker, order by order, as the broker confirmed it."""
    found = Halt.objects.filter(pk=halt_id).first()
    if found is None:
        raise Http404("No halt has that number.")
    return render(request, "dashboard/receipt.html", halts.receipt(found, timezone.now()))


def _ask(request: HttpRequest, form: HaltForm, scope: str, status: int = 200) -> HttpResponse:
    account = form.accounts.get(scope) if scope else chosen.account(request)
    if scope == HaltForm.ALL:
        account = None
    page = {
        "form": form,
        "scope": str(account.pk) if account else HaltForm.ALL,
        "level": form["level"].value() or Halt.Level.H2.value,
        "levels": [{"level": level, "does": does} for level, does in halts.LEVELS.items()],
        "scopes": [
            {"value": key, "title": f"account {each.number} · {each.mode}"} for key, each in form.accounts.items()
        ],
        "scope_title": f"account {account.number}" if account else "every account",
        **halts.meets(kill_switch.preview(account)),
    }
    part = request.headers.get("X-Part") == "dialog"
    return render(request, "dashboard/halt_form.html" if part else "dashboard/halt.html", page, status=status)
