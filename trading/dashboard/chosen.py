"""Which account a person is looking at: kept in the session, the first active one until something else is chosen."""

from typing import Any

from django.http import HttpRequest

from trading.models import Account

KEY = "desk_account"


def accounts(request: HttpRequest) -> list[Account]:
    """Every account, active ones first; read once per request."""
    held: Any = request
    if not hasattr(held, "desk_accounts"):
        held.desk_accounts = list(Account.objects.order_by("-active", "id"))
    found: list[Account] = held.desk_accounts
    return found


def account(request: HttpRequest) -> Account | None:
    """The chosen account, or None on a desk that has none yet."""
    found = accounts(request)
    wanted = request.session.get(KEY)
    return next((each for each in found if each.pk == wanted), found[0] if found else None)


def choose(request: HttpRequest, account_id: str) -> bool:
    """Remember the choice; False where there is no such account."""
    match = next((each for each in accounts(request) if str(each.pk) == account_id), None)
    if match is not None:
        request.session[KEY] = match.pk
    return match is not None
