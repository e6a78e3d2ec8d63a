"""Whatever a request causes is recorded with its person, session, address and id."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse

from audit import context


class RequestContext:
    """Stands after the middlewares that give the request its id, its session and its user."""

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
        with context.during(of(request)):
            response: HttpResponse = self._get_response(request)
        return response

    async def _later(self, request: HttpRequest) -> HttpResponse:
        with context.during(of(request)):
            response: HttpResponse = await self._get_response(request)
        return response


def of(request: HttpRequest) -> context.Context:
    """The context that `request` gives to everything recorded while it is answered."""

    def person() -> str:
        user = getattr(request, "user", None)
        return user.get_username() if user is not None and user.is_authenticated else ""

    session = getattr(request, "session", None)
    return context.Context(
        person=person,
        session=context.fingerprint(session.session_key if session is not None else None),
        ip=str(request.META.get("REMOTE_ADDR") or ""),
        request_id=str(structlog.contextvars.get_contextvars().get("request_id", "")),
    )
