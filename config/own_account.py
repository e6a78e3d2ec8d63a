"""The addresses of signing in and of the own account: allauth's, less those by which strangers would get in.

Nobody signs up and nobody gets a password by mail: an administrator makes people and gives new passwords.
"""

from allauth.account import urls as account
from allauth.mfa import urls as factors
from allauth.usersessions import urls as own_sessions
from django.urls import URLPattern, URLResolver, include, path

from config import own_factors

_OPEN = frozenset(
    {
        "account_login",
        "account_logout",
        "account_inactive",
        "account_reauthenticate",
        "account_change_password",
        # allauth asks for its address while it builds the page of signing in; its adapter lets nobody in.
        "account_signup",
    }
)
"""Names of allauth.account that answer; every other address of it is not found."""

urlpatterns: list[URLPattern | URLResolver] = [
    *(each for each in account.urlpatterns if getattr(each, "name", None) in _OPEN),
    # Before allauth's own addresses, so that these answer.
    *own_factors.urlpatterns,
    path("2fa/", include(factors)),
    path("sessions/", include(own_sessions)),
]
