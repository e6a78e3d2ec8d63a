"""Who may have an account: nobody signs up, an administrator makes people."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """allauth with the door for strangers closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return False always."""
        return False
