"""Structured logs: one line per event, the request's id on it, and no credential in it."""

import re
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse
from structlog.typing import EventDict, WrappedLogger

from config.env.secret import MASK

HEADER = "X-Request-ID"
_SECRET_NAME = re.compile(r"secret|password|passwd|token|api[-_]?key|authorization|cookie|credential", re.I)
_SECRET_TEXT = re.compile(
    r"(?P<url>(?<=://)[^\s/@:]*:[^\s/@]+(?=@))"
    r"|(?P<key>\b[PAC]K[A-Z0-9]{14,}\b)"
    r"|(?P<bearer>(?<=Bearer )\S+)"
)


def scrub(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Mask values under secret-looking names, and credentials inside any text; a processor of structlog."""
    return {name: MASK if _SECRET_NAME.search(name) else scrubbed(value) for name, value in event.items()}


def scrubbed(value: Any) -> Any:
    """Return `value` with every credential inside masked."""
    if isinstance(value, str):
        return _SECRET_TEXT.sub(MASK, value)
    if isinstance(value, dict):
        return {k: MASK if _SECRET_NAME.search(str(k)) else scrubbed(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [scrubbed(item) for item in value]
    return value


class RequestIdMiddleware:
    """Give each request an id, which its log lines and its answer carry; one that comes with it is kept if sound."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self._get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponse | Awaitable[HttpResponse]:
        given = request.headers.get(HEADER, "")
        request_id = given if re.fullmatch(r"[\w-]{8,64}", given) else uuid.uuid4().hex
        if self._is_async:
            return self._later(request, request_id)
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response: HttpResponse = self._get_response(request)
        response[HEADER] = request_id
        return response

    async def _later(self, request: HttpRequest, request_id: str) -> HttpResponse:
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response: HttpResponse = await self._get_response(request)
        response[HEADER] = request_id
        return response
