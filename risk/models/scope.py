"""What a limit or a halt reaches: the whole firm, one account, one strategy or one symbol."""

from django.db import models
from django.db.models import Q


class ScopeKind(models.TextChoices):
    """A narrower scope never widens a broader one: the strictest in force wins."""

    FIRM = "firm", "firm"
    ACCOUNT = "account", "account"
    STRATEGY = "strategy", "strategy"
    SYMBOL = "symbol", "symbol"


def key_fits_kind() -> Q:
    """The firm has no key, everything else has one."""
    return Q(scope_kind=ScopeKind.FIRM, scope_key="") | (~Q(scope_kind=ScopeKind.FIRM) & ~Q(scope_key=""))


def reaching(account: str, strategy: str, symbol: str) -> Q:
    """Rows whose scope covers this account, strategy and symbol."""
    return (
        Q(scope_kind=ScopeKind.FIRM)
        | Q(scope_kind=ScopeKind.ACCOUNT, scope_key=account)
        | Q(scope_kind=ScopeKind.STRATEGY, scope_key=strategy)
        | Q(scope_kind=ScopeKind.SYMBOL, scope_key=symbol)
    )


def label(kind: str, key: str) -> str:
    """The scope as people and records name it, for instance "firm" or "symbol AAPL"."""
    return kind if kind == ScopeKind.FIRM else f"{kind} {key}"
