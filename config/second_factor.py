"""Nobody goes anywhere without a second factor: whoever has none yet is sent to set one up."""

from collections.abc import Awaitable, Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

_OPEN = ("/accounts/", "/health/", f"/{settings.STATIC_URL.strip('/')}/")


class SecondFactorMiddleware:
    """Stands after authentication and messages. Signing in already asks for the factor of those who have one."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self._get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponse | Awaitable[HttpResponse]:
        if self._is_async:
            return self._later(request)
        response: HttpResponse = _refusal(request) or self._get_response(request)
        return response

    async def _later(self, request: HttpRequest) -> HttpResponse:
        refused = await sync_to_async(_refusal)(request)
        response: HttpResponse = refused or await self._get_response(request)
        return response


def _refusal(request: HttpRequest) -> HttpResponse | None:
    if request.path_info.startswith(_OPEN):
        return None
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or is_mfa_enabled(user):
        return None
    messages.warning(request, "Set up a second factor first; then everything you may do is open to you.")
    return redirect("mfa_activate_totp")
