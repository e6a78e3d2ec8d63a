"""Requests for a second person: reading them, deciding, withdrawing and carrying them out."""

import uuid
from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from risk import adoption, clock, people, refusals, revoking
from risk import signoff as writer
from risk.models import ChangeRequest, Vote
from trading.dashboard import access, carrying_out, chosen, confirming
from trading.dashboard.forms import ConfirmForm, ReasonForm, VoteForm
from trading.dashboard.presenters import asked, consequences, live, signoffs


@require_safe
@never_cache
@access.requires(access.SEE_LIMITS)
def requests(request: HttpRequest) -> HttpResponse:
    """What waits for a decision, and what was decided lately."""
    now = clock.now()
    person = people.behind(cast(User, request.user), now)
    page = {**signoffs.page(person, now), "unadopted": adoption.why_not_loosen("", now)}
    return render(request, "dashboard/requests.html", {**page, "live": live.standing(chosen.account(request), now)})


@require_safe
@never_cache
@access.requires(access.SEE_LIMITS)
def request_page(request: HttpRequest, request_id: uuid.UUID) -> HttpResponse:
    """One request: what changes, on what evidence, with what consequence, and the decision this person may take."""
    return _page(request, _found(request_id), VoteForm())


@require_safe
@never_cache
@access.requires(access.VOTE)
def challenge(request: HttpRequest, request_id: uuid.UUID) -> HttpResponse:
    """What a security key is to sign for one decision, given at the moment the button is pressed."""
    decision = request.GET.get("decision", "")
    if decision not in Vote.Decision.values:
        raise Http404("A vote approves or declines.")
    return JsonResponse(confirming.challenge(_found(request_id), cast(User, request.user), decision, clock.now()))


@require_POST
@access.requires(access.VOTE)
def vote(request: HttpRequest, request_id: uuid.UUID) -> HttpResponse:
    """Approve or decline exactly what was shown."""
    found = _found(request_id)
    form = VoteForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    read, user = form.cleaned_data, cast(User, request.user)
    try:
        writer.vote(
            found.pk,
            decision=read["decision"],
            by=user,
            now=clock.now(),
            proof=confirming.presented(read, found, user),
            reason=read["reason"],
            shown_hash=read["payload_hash"],
        )
    except writer.NotAllowed as refusal:
        form.add_error(None, refusal.sentence)
        return _page(request, _found(request_id), form, status=422)
    done = "approved" if read["decision"] == "APPROVE" else "declined"
    messages.info(request, f"You {done}: {asked.verb(found).lower()} {asked.target(found)}.")
    return redirect("request", request_id=found.pk)


@require_POST
@access.requires(access.ASK)
def withdraw(request: HttpRequest, request_id: uuid.UUID) -> HttpResponse:
    """Take one's own request back."""
    try:
        writer.withdraw(request_id, by=cast(User, request.user), now=clock.now())
    except writer.NotAllowed as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.info(request, "You withdrew the request.")
    return redirect("request", request_id=request_id)


@require_POST
@access.requires(access.HALT)
def revoke(request: HttpRequest, request_id: uuid.UUID) -> HttpResponse:
    """Take back what was carried out: entries stop at once where it holds."""
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        halt = revoking.revoke(request_id, reason=reason, by=request.user.get_username(), now=clock.now())
    except refusals.Refused as refusal:
        messages.error(request, refusal.sentence)
        return redirect("request", request_id=request_id)
    messages.info(request, "Revoked. Entries have stopped; letting them go on takes two people.")
    return redirect("halt-receipt", halt_id=halt.pk)


@require_POST
@access.requires(access.ASK)
def carry_out(request: HttpRequest, request_id: uuid.UUID) -> HttpResponse:
    """Do what was approved, once."""
    found = _found(request_id)
    form = ConfirmForm(request.POST)
    typed = form.cleaned_data["typed_number"] if form.is_valid() else ""
    try:
        sentence = carrying_out.carry_out(found, by=cast(User, request.user), typed_number=typed, now=clock.now())
    except (refusals.Refused, carrying_out.Unknown) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.info(request, sentence)
    return redirect("request", request_id=request_id)


def _found(request_id: uuid.UUID) -> ChangeRequest:
    found = ChangeRequest.objects.select_related("requested_by").filter(pk=request_id).first()
    if found is None:
        raise Http404("No request has that id.")
    return found


def _page(request: HttpRequest, found: ChangeRequest, form: VoteForm, status: int = 200) -> HttpResponse:
    now, user = clock.now(), cast(User, request.user)
    person = people.behind(user, now)
    page = {
        "asked": signoffs.brief(found, person, now),
        "content": asked.content(found),
        "differences": asked.differences(found),
        "way": confirming.way(user, now) if request.user.has_perm(access.VOTE) else {},
        "evidence": asked.evidence(found),
        "consequence": consequences.of(found),
        "facts": asked.facts(found),
        "votes": signoffs.votes(found, now),
        "hash": found.payload_hash,
        "form": form,
        "may_vote": request.user.has_perm(access.VOTE),
        "may_ask": request.user.has_perm(access.ASK),
        "needs_number": carrying_out.needs_number(found),
        "revocable": found.status == ChangeRequest.Status.EXECUTED and request.user.has_perm(access.HALT),
    }
    return render(request, "dashboard/request.html", page, status=status)
