"""Who belongs to the desk and votes with what: taken away at once, given by a request to another person."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from risk import adopting, clock, membership, refusals, signoff_terms
from risk.models import ChangeRequest, Factor, Person
from risk.people import Member
from trading.dashboard import access
from trading.dashboard.forms import EnrolForm, PersonForm, ReasonForm
from trading.dashboard.presenters import members


@require_safe
@never_cache
@access.requires(access.SEE_PEOPLE)
def people(request: HttpRequest) -> HttpResponse:
    """Everybody, with second factors, and the forms for those who may ask."""
    return render(request, "dashboard/people.html", members.page(clock.now()))


@require_POST
@access.requires(access.CHANGE_PEOPLE)
def change(request: HttpRequest, person_id: int) -> HttpResponse:
    """Take somebody off or the vote away at once; ask another person to give it back."""
    person = Person.objects.filter(pk=person_id).first()
    if person is None:
        raise Http404("Nobody has that number.")
    form = PersonForm(request.POST)
    if not form.is_valid():
        return _told(request, form.first_error())
    read = form.cleaned_data
    wanted = {"active": person.active, "approves": person.approves_from is not None} | read["wanted"]
    return _asked(request, membership.propose_change, person=person, reason=read["reason"], **wanted)


@require_POST
@access.requires(access.CHANGE_PEOPLE)
def enrol(request: HttpRequest) -> HttpResponse:
    """Ask another person to let somebody join."""
    form = EnrolForm(request.POST)
    if not form.is_valid():
        return _told(request, form.first_error())
    read = form.cleaned_data
    member = Member(read["name"], read["account"], read["approves"])
    return _asked(request, membership.propose_enrolment, member=member, reason=read["reason"])


@require_POST
@access.requires(access.SEE)
def admit_factor(request: HttpRequest, factor_id: int) -> HttpResponse:
    """Ask another person to admit one's own second factor to votes."""
    factor = Factor.objects.select_related("account__person").filter(pk=factor_id).first()
    if factor is None:
        raise Http404("No second factor has that number.")
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _told(request, form.first_error(), "mfa_index")
    return _asked(request, membership.propose_factor, "mfa_index", factor=factor, reason=form.cleaned_data["reason"])


@require_POST
@access.requires(access.ASK)
def adopt_policy(request: HttpRequest) -> HttpResponse:
    """Ask another person to adopt the policy this program has."""
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _told(request, form.first_error(), "requests")
    return _asked(request, adopting.propose, "requests", reason=form.cleaned_data["reason"])


def _asked(request: HttpRequest, ask: Any, back: str = "people", **terms: Any) -> HttpResponse:
    try:
        made = ask(by=cast(User, request.user), now=clock.now(), place=signoff_terms.here(), **terms)
    except refusals.Refused as refusal:
        return _told(request, refusal.sentence, back)
    if isinstance(made, ChangeRequest):
        messages.info(request, "Asked. Another person decides.")
        return redirect("request", request_id=made.pk)
    messages.info(request, f"Done at once: {made}.")
    return redirect(back)


def _told(request: HttpRequest, sentence: str, back: str = "people") -> HttpResponse:
    messages.error(request, sentence)
    return redirect(back)
