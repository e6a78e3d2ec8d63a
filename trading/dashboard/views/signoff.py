"""Requests for a second person, and the vote."""

import uuid
from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from risk import people
from risk import signoff as writer
from risk.models import ChangeRequest
from trading.dashboard import access
from trading.dashboard.forms import VoteForm
from trading.dashboard.presenters import signoffs


@require_safe
@never_cache
@access.requires(access.SEE_LIMITS)
def requests(request: HttpRequest) -> HttpResponse:
    """What waits for a decision, and what was decided lately."""
    now = timezone.now()
    person = people.behind(cast(User, request.user), now)
    return render(request, "dashboard/requests.html", signoffs.page(person, now))


@require_safe
@never_cache
@access.requires(access.SEE_LIMITS)
def request_page(request: HttpRequest, request_id: uuid.UUID) -> HttpResponse:
    """One request: what changes, on what evidence, with what consequence, and the decision this person may take."""
    return _page(request, _found(request_id), VoteForm())


@require_POST
@access.requires(access.SEE_LIMITS)
def vote(request: HttpRequest, request_id: uuid.UUID) -> HttpResponse:
    """Approve or decline exactly what was shown."""
    asked = _found(request_id)
    form = VoteForm(request.POST)
    if not form.is_valid():
        return _page(request, asked, form, status=422)
    read = form.cleaned_data
    try:
        decided = writer.vote(
            asked.pk,
            decision=read["decision"],
            by=cast(User, request.user),
            now=timezone.now(),
            reason=read["reason"],
            shown_hash=read["payload_hash"],
        )
    except writer.NotAllowed as refusal:
        form.add_error(None, refusal.sentence)
        return _page(request, _found(request_id), form, status=422)
    messages.info(request, f"You {'approved' if read['decision'] == 'APPROVE' else 'declined'} {decided.target}.")
    return redirect("request", request_id=asked.pk)


def _found(request_id: uuid.UUID) -> ChangeRequest:
    asked = ChangeRequest.objects.select_related("requested_by").filter(pk=request_id).first()
    if asked is None:
        raise Http404("No request has that id.")
    return asked


def _page(request: HttpRequest, asked: ChangeRequest, form: VoteForm, status: int = 200) -> HttpResponse:
    now = timezone.now()
    person = people.behind(cast(User, request.user), now)
    page = {
        "asked": signoffs.brief(asked, person, now),
        "content": signoffs.content(asked),
        "evidence": signoffs.evidence(asked),
        "consequence": signoffs.consequence(asked),
        "votes": signoffs.votes(asked),
        "hash": asked.payload_hash,
        "facts": signoffs.facts(asked),
        "form": form,
    }
    return render(request, "dashboard/request.html", page, status=status)
