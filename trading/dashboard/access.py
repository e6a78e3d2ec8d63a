"""Who may see and do what on the desk: the permissions by name, and the guard in front of every page."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpResponseBase

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
    """Signed in, and holding the permission: without the first to sign-in, without the second a page that says so."""

    def guard(view: View) -> View:
        guarded: View = login_required(permission_required(permission, raise_exception=True)(view))
        return guarded

    return guard


def may_see(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether the live stream may go to this user."""
    return bool(user.is_authenticated and user.is_active and getattr(user, "has_perm", _never)(SEE))


def _never(_: str) -> bool:
    return False
