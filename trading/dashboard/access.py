"""Who may see and do what on the desk: the permissions by name, and the guard in front of every page."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase

from audit import trail
from audit.severity import Severity
from risk import clock

SEE = "trading.view_order"
SEE_LIMITS = "risk.view_limit"
SEE_AUDIT = "audit.view_auditevent"
HALT = "risk.add_halt"
RUN_PREFLIGHT = "trading.add_preflightrun"
ASK = "risk.add_changerequest"
SEE_BREACHES = "risk.view_breach"
CLOSE_BREACH = "risk.change_breach"
VOTE = "risk.add_vote"
SEE_PEOPLE = "risk.view_person"
CHANGE_PEOPLE = "risk.change_person"
ATTEST = "risk.add_attestation"

View = Callable[..., HttpResponseBase]


def requires(permission: str) -> Callable[[View], View]:
    """Signed in, and holding the permission: without the first to sign-in, without the second a page that says so.

    Whoever tries to act without the permission has tried it on the record.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.has_perm(permission):
                if request.method not in ("GET", "HEAD", "OPTIONS"):
                    _keep(request, permission)
                raise PermissionDenied
            return view(request, *args, **kwargs)

        signed_in: View = login_required(guarded)
        return signed_in

    return guard


def _keep(request: HttpRequest, permission: str) -> None:
    by = request.user.get_username()
    with transaction.atomic():
        trail.record(
            event="access.refused",
            subject=request.path[:128],
            sentence=f"{by} tried {request.method} {request.path[:200]} without the permission {permission}",
            data={"permission": permission},
            by=by,
            now=clock.now(),
            severity=Severity.WARNING,
        )


def may_see(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether the live stream may go to this user."""
    return bool(user.is_authenticated and user.is_active and getattr(user, "has_perm", _never)(SEE))


def _never(_: str) -> bool:
    return False
