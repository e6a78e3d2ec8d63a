"""Django's system checks of the configuration, beyond what refuses to start: ids `config.E…` and `config.W…`."""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from config import database


@register(Tags.database)
def program_role(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """E001: the program's role may do more than work with tables, so the record is not safe from it."""
    if "default" not in (databases or ()):
        return []
    try:
        with psycopg.connect(settings.ENVIRONMENT.secret("DATABASE_URL").reveal()) as connection:
            excess = database.excess_privileges(connection)
    except psycopg.OperationalError:
        return [Error("The database does not answer.", hint="Start it, or correct DATABASE_URL.", id="config.E002")]
    hint = "Give the program a role of its own: manage.py prepare_database makes it."
    return [
        Error(f"The program's database role may do too much: {what}.", hint=hint, id="config.E001") for what in excess
    ]


@register()
def own_rules(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """E003: STRATEGY_RULES names something that is not a rule, so no strategy would be asked."""
    if not settings.STRATEGY_RULES:
        return []
    from trading.strategies import registry

    try:
        registry.load(tuple(settings.STRATEGY_RULES))
    except registry.UnknownRule as refusal:
        return [Error(str(refusal), hint="Correct STRATEGY_RULES.", id="config.E003")]
    return []


@register(deploy=True)
def someone_is_told(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """W001: real money may be traded and no alert reaches a person."""
    if settings.TRADING_MODE != "live" or settings.ALERT_URLS:
        return []
    hint = "Set ALERT_URLS to mail, SMS or chat of the people on duty."
    return [Warning("Live trading without ALERT_URLS: no alert reaches a person.", hint=hint, id="config.W001")]


@register(deploy=True)
def outsiders_watch(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """W002: real money may be traded and nothing outside notices when everything here stops."""
    if settings.TRADING_MODE != "live" or settings.DEADMAN_URL:
        return []
    hint = "Set DEADMAN_URL to a check that calls you when it hears nothing."
    return [Warning("Live trading without DEADMAN_URL: a dead desk is silent.", hint=hint, id="config.W002")]


@register(deploy=True)
def live_is_encrypted(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """W003: people sign in for real money over plain http."""
    if settings.TRADING_MODE != "live" or settings.SITE_URL.startswith("https://"):
        return []
    hint = "Put a proxy with TLS in front and set SITE_URL=https://…"
    return [Warning("Live trading with a site over plain http.", hint=hint, id="config.W003")]
