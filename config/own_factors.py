"""The pages on which a person sets up and removes second factors: allauth's own, and what they mean for votes."""

from collections.abc import Callable
from typing import Any, cast

from allauth.mfa.base.views import IndexView
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as key
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone

from risk import factors, refusals

View = Callable[..., HttpResponse]


class Index(IndexView):
    """The own second factors, and from when on each of them votes."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the factors that are known to votes."""
        user = cast(User, self.request.user)
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return {**context, "voting": factors.standing(user, timezone.now())}


def in_line(view: View) -> View:
    """A page of allauth after which the factors that vote are brought in line with those that sign in.

    A refusal undoes what the page did.
    """

    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST" or not request.user.is_authenticated:
            return view(request, *args, **kwargs)
        user = request.user
        try:
            with refusals.attempt():
                answer = view(request, *args, **kwargs)
                factors.bring_in_line(user, by=user.get_username(), now=timezone.now())
        except factors.FactorRefused as refusal:
            messages.error(request, refusal.sentence)
            return redirect("mfa_index")
        return answer

    return wrapped


urlpatterns = [
    path("2fa/", login_required(Index.as_view()), name="mfa_index"),
    path("2fa/totp/activate/", in_line(app.activate_totp), name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", in_line(app.deactivate_totp), name="mfa_deactivate_totp"),
    path("2fa/webauthn/add/", in_line(key.add_webauthn), name="mfa_add_webauthn"),
    path("2fa/webauthn/keys/<int:pk>/remove/", in_line(key.remove_webauthn), name="mfa_remove_webauthn"),
]
