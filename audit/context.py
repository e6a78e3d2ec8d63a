"""Who is asking: the person, session, address and request behind whatever is recorded now.

Set by the door, read by trail.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


def _nobody() -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Context:
    """`person` is asked only when an event is written, since finding out may read the database."""

    person: Callable[[], str] = _nobody
    session: str = ""
    ip: str = ""
    request_id: str = ""


_AUTOMATION = Context()
_current: ContextVar[Context] = ContextVar("audit_context", default=_AUTOMATION)


def current() -> Context:
    """The context of this thread or task; an empty one for automation."""
    return _current.get()


@contextmanager
def during(context: Context) -> Iterator[None]:
    """Record everything inside the block as caused by `context`."""
    token = _current.set(context)
    try:
        yield
    finally:
        _current.reset(token)


def fingerprint(session_key: str | None) -> str:
    """A session's name on the record: enough to tell two apart, useless for signing in. Empty without a session."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:16] if session_key else ""
