"""The blotter, one intent's story, and the lots behind the positions."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from trading.dashboard import access, chosen, words
from trading.dashboard.forms import BlotterFilter
from trading.dashboard.presenters import holdings, intent_story, intents, lots, market_clock
from trading.dashboard.views import paging
from trading.models import OrderIntent, Strategy
from trading.reading import blotter as reader


@require_safe
@never_cache
@access.requires(access.SEE)
def blotter(request: HttpRequest) -> HttpResponse:
    """Every intent of the account, denied ones included, newest first."""
    account = chosen.account(request)
    if account is None:
        return render(request, "dashboard/no_account.html")
    form = BlotterFilter(request.GET)
    wanted = form.wanted()
    rows, found = reader.page(account, wanted, paging.number(request))
    today = market_clock.read(account, timezone.now()).session_date
    counts = reader.counts(account, wanted)
    page = {
        "form": form,
        "group": wanted.group,
        "chips": [{"name": name, "count": counts[name]} for name in reader.GROUPS],
        "rows": [intents.line(row, today) for row in rows],
        "codes": reader.denial_codes(account),
        "strategies": list(Strategy.objects.filter(account=account).order_by("name").values_list("name", flat=True)),
        "query": paging.without(request, "show", "page"),
        "pages": paging.shown(request, found),
        "wide": True,
    }
    return render(request, "dashboard/blotter.html", page)


@require_safe
@never_cache
@access.requires(access.SEE)
def intent(request: HttpRequest, intent_id: uuid.UUID) -> HttpResponse:
    """One intent: signal, verdict, order, fills, events."""
    found = (
        OrderIntent.objects.select_related("instrument", "strategy", "signal", "account").filter(pk=intent_id).first()
    )
    if found is None:
        raise Http404("No intent has that id.")
    story = intent_story.tell(found, words.exchange_date(timezone.now()))
    return render(request, "dashboard/intent.html", story)


@require_safe
@never_cache
@access.requires(access.SEE)
def positions(request: HttpRequest) -> HttpResponse:
    """What is held, lot by lot, and what the session's closed lots realised."""
    account = chosen.account(request)
    if account is None:
        return render(request, "dashboard/no_account.html")
    time = market_clock.read(account, timezone.now())
    held = holdings.read(account)
    page = {
        "positions": holdings.table(held, time),
        "lots": lots.open_lots(account, held, time),
        "closings": lots.closings(account, time),
        "flat": lots.flat(account),
        "session_date": time.session_date.isoformat(),
    }
    return render(request, "dashboard/positions.html", page)
