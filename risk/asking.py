"""A page of the admin that asks before it acts: shown by GET, carried out by POST, refusals shown in place."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from risk import refusals


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, the facts it is asked on, the word on the button, and where to go afterwards."""

    title: str
    question: str
    verb: str
    back: str
    facts: Sequence[tuple[str, Any]] = field(default_factory=tuple)


def answer(
    request: HttpRequest, asked: Question, form: forms.Form, act: Callable[[dict[str, Any]], str]
) -> HttpResponse:
    """Show the form, or act on it. `act` takes what was typed, calls one writer, returns the message.

    A Refused becomes an error on the form: nothing typed is lost.
    """
    if request.method == "POST" and form.is_valid():
        try:
            message = act(form.cleaned_data)
        except refusals.Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.info(request, message)
            return redirect(asked.back)
    context = {
        **admin.site.each_context(request),
        "title": asked.title,
        "question": asked.question,
        "verb": asked.verb,
        "back": asked.back,
        "facts": asked.facts,
        "form": form,
    }
    return render(request, "risk/admin_form.html", context, status=422 if form.errors else 200)
