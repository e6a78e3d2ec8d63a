"""The overview, its two pictures as data, and the choice of the account shown."""

from datetime import UTC, datetime
from typing import Any, cast

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from risk import people
from trading.dashboard import access, chosen
from trading.dashboard.presenters import candles, equity, market_clock, overview


@require_safe
@never_cache
@access.requires(access.SEE)
def desk(request: HttpRequest) -> HttpResponse:
    """The overview of the chosen account."""
    account = chosen.account(request)
    if account is None:
        return render(request, "dashboard/no_account.html")
    time = market_clock.read(account, timezone.now())
    page = overview.read(
        account,
        time,
        symbol=request.GET.get("symbol", ""),
        group=request.GET.get("show", "all"),
        span=request.GET.get("range", "day"),
        person=people.behind(cast(User, request.user), time.wall),
    )
    return render(request, "dashboard/desk.html", page)


@require_safe
@never_cache
@access.requires(access.SEE)
def equity_points(request: HttpRequest) -> JsonResponse:
    """The equity curve: `?range=day&since=EPOCH`."""
    account = chosen.account(request)
    span = request.GET.get("range", "day")
    if account is None or span not in equity.RANGES:
        return JsonResponse({"points": [], "base": None})
    time = market_clock.read(account, timezone.now())
    return JsonResponse(equity.curve(account, span, time, _since(request)))


@require_safe
@never_cache
@access.requires(access.SEE)
def candle_points(request: HttpRequest) -> JsonResponse:
    """One symbol's minutes, fills and levels: `?symbol=AAPL&since=EPOCH`."""
    account = chosen.account(request)
    if account is None:
        return JsonResponse({"bars": [], "fills": [], "levels": []})
    time = market_clock.read(account, timezone.now())
    return JsonResponse(candles.picture(account, request.GET.get("symbol", ""), time, _since(request)))


@require_POST
@access.requires(access.SEE)
def choose_account(request: HttpRequest) -> HttpResponse:
    """Show another account from now on."""
    chosen.choose(request, request.POST.get("account", ""))
    back: Any = request.POST.get("next", "/")
    return HttpResponseRedirect(back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else "/")


def _since(request: HttpRequest) -> datetime | None:
    """The instant the page has data until; what cannot be read as one asks for everything."""
    text = request.GET.get("since", "")
    if not text.isascii() or not text.isdigit() or len(text) > 11:
        return None
    return datetime.fromtimestamp(int(text), UTC)
