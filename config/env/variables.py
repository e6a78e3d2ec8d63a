"""The one table of environment variables.

Reading, validation, `.env.example` and `docs/configuration.md` all come from here; a variable that is not in
this table is not read by the program.
"""

from dataclasses import dataclass
from enum import StrEnum

ALWAYS = "always"


class Kind(StrEnum):
    """How the text of a variable is understood."""

    TEXT = "text"
    FLAG = "true or false"
    NUMBER = "whole number"
    URL = "URL"
    LIST = "comma-separated list"
    CHOICE = "one of a list"
    FILE = "path of a file"


@dataclass(frozen=True, slots=True)
class Variable:
    """One row of the table.

    `default` is what the program uses when the variable is absent or empty; `required` says when it may not be
    ("" = never). `minimum` and `maximum` bound numbers. `shortest` is the least length of a secret.
    """

    name: str
    kind: Kind
    help: str
    default: str = ""
    secret: bool = False
    required: str = ""
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    shortest: int = 0
    schemes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Variables that are explained together."""

    title: str
    variables: tuple[Variable, ...]


def _secret(name: str, help_text: str, *, required: str = "", shortest: int = 0) -> Variable:
    return Variable(name, Kind.TEXT, help_text, secret=True, required=required, shortest=shortest)


GROUPS: tuple[Group, ...] = (
    Group(
        "Mode",
        (
            Variable(
                "TRADING_MODE",
                Kind.CHOICE,
                "Paper money or real money. Live needs LIVE_TRADING_ENABLED too, and a signed go-live.",
                default="paper",
                choices=("paper", "live"),
            ),
            Variable(
                "LIVE_TRADING_ENABLED",
                Kind.FLAG,
                "The second of the two keys for real money; without it TRADING_MODE=live refuses to start.",
                default="false",
            ),
        ),
    ),
    Group(
        "Alpaca",
        (
            _secret(
                "ALPACA_API_KEY",
                "Key id of the trading account; paper keys begin with PK, live keys with AK.",
                required="when ALPACA_ACCOUNTS_FILE is not set",
                shortest=16,
            ),
            _secret(
                "ALPACA_SECRET_KEY",
                "Secret that belongs to ALPACA_API_KEY.",
                required="when ALPACA_ACCOUNTS_FILE is not set",
                shortest=32,
            ),
            Variable(
                "ALPACA_ACCOUNT_NUMBER",
                Kind.TEXT,
                "Number of the account the keys must belong to; paper numbers begin with PA.",
                required="when TRADING_MODE=live and ALPACA_ACCOUNTS_FILE is not set",
            ),
            Variable(
                "ALPACA_BASE_URL",
                Kind.URL,
                "Trading endpoint: https://paper-api.alpaca.markets or https://api.alpaca.markets.",
                default="https://paper-api.alpaca.markets",
                schemes=("https", "http"),
            ),
            Variable(
                "ALPACA_DATA_URL",
                Kind.URL,
                "Market data endpoint.",
                default="https://data.alpaca.markets",
                schemes=("https", "http"),
            ),
            Variable(
                "ALPACA_STREAM_URL",
                Kind.URL,
                "Stream of order updates; empty derives it from ALPACA_BASE_URL.",
                schemes=("wss", "ws"),
            ),
            Variable(
                "ALPACA_DATA_STREAM_URL",
                Kind.URL,
                "Stream of market data; empty derives it from ALPACA_DATA_URL.",
                schemes=("wss", "ws"),
            ),
            Variable(
                "ALPACA_ACCOUNTS_FILE",
                Kind.FILE,
                "JSON file with several accounts: number to key, secret, kind, base_url and data_url. Mode 0600.",
            ),
            Variable(
                "MARKET_DATA_FEED",
                Kind.CHOICE,
                "Feed of stock prices; iex is free, sip is the consolidated tape.",
                default="iex",
                choices=("iex", "sip", "delayed_sip"),
            ),
        ),
    ),
    Group(
        "Strategies",
        (
            Variable(
                "STRATEGY_RULES",
                Kind.LIST,
                "Rules of one's own beside those of the house, by dotted path: package.module.Rule.",
            ),
        ),
    ),
    Group(
        "Simulated venue",
        (
            Variable(
                "VENUE_CONTROL_URL",
                Kind.URL,
                "Control address of the simulated venue. Set only when ALPACA_BASE_URL is the venue on this machine.",
                schemes=("http",),
            ),
            _secret(
                "VENUE_CONTROL_TOKEN",
                "Token that the venue's control address asks for.",
                required="when VENUE_CONTROL_URL is set",
                shortest=32,
            ),
        ),
    ),
    Group(
        "Database and queue",
        (
            _secret(
                "DATABASE_URL",
                "PostgreSQL as the program's role: postgresql://gatehouse:PASSWORD@HOST:5432/gatehouse.",
                required=ALWAYS,
            ),
            _secret(
                "DATABASE_OWNER_URL",
                "PostgreSQL as the owner's role; set it for migrations only, never for the running processes.",
            ),
            _secret(
                "REDIS_URL",
                "Redis or Valkey: queue, cache and live pages. redis://:PASSWORD@HOST:6379/0.",
                required=ALWAYS,
            ),
        ),
    ),
    Group(
        "Web",
        (
            _secret(
                "DJANGO_SECRET_KEY",
                "Signs sessions and tokens. Random, 50 characters or more.",
                required=ALWAYS,
                shortest=50,
            ),
            _secret(
                "DJANGO_SECRET_KEY_FALLBACKS",
                "Earlier DJANGO_SECRET_KEYs, with commas between, until `manage.py reencrypt_factors` has run.",
                shortest=50,
            ),
            Variable(
                "SITE_URL",
                Kind.URL,
                "Where people open the site. Plain http is accepted for this machine only.",
                default="http://localhost:8000",
                schemes=("https", "http"),
            ),
            Variable(
                "ALLOWED_HOSTS",
                Kind.LIST,
                "Host names the site answers to; empty takes the host of SITE_URL.",
            ),
            Variable(
                "BEHIND_PROXY",
                Kind.FLAG,
                "True when a proxy ends TLS and sets X-Forwarded-Proto and X-Forwarded-For itself.",
                default="false",
            ),
            Variable(
                "HSTS_SECONDS",
                Kind.NUMBER,
                "How long browsers insist on https, in seconds.",
                default="31536000",
                minimum=3600,
                maximum=63072000,
            ),
        ),
    ),
    Group(
        "Alerts and monitoring",
        (
            _secret("ALERT_URLS", "Apprise addresses of mail, SMS and chat, separated by commas."),
            Variable(
                "ALERT_ESCALATE_MINUTES",
                Kind.NUMBER,
                "Minutes after which an alert that nobody acknowledged goes out again.",
                default="10",
                minimum=1,
                maximum=1440,
            ),
            _secret("EMAIL_URL", "Mail server of the program: smtp+tls://USER:PASSWORD@HOST:587. Empty prints mail."),
            Variable(
                "EMAIL_FROM",
                Kind.TEXT,
                "Sender of the program's mail.",
                default="gatehouse@localhost",
            ),
            _secret("METRICS_TOKEN", "Bearer token for /metrics; empty closes the page.", shortest=32),
            _secret("DEADMAN_URL", "Outside address that is called while work is done; silence there means trouble."),
        ),
    ),
    Group(
        "Processes",
        (
            Variable(
                "LOG_LEVEL",
                Kind.CHOICE,
                "Least severity that is logged.",
                default="INFO",
                choices=("DEBUG", "INFO", "WARNING", "ERROR"),
            ),
            Variable(
                "LOG_FORMAT",
                Kind.CHOICE,
                "json for machines, console for people.",
                default="json",
                choices=("json", "console"),
            ),
            Variable(
                "HALT_DIRECTORY",
                Kind.TEXT,
                "Where a halt without the database leaves its file; all processes must see the same place.",
                default="var/halts",
            ),
            Variable("BUILD_ID", Kind.TEXT, "Version of the code that runs; empty asks git."),
        ),
    ),
)

TABLE: dict[str, Variable] = {variable.name: variable for group in GROUPS for variable in group.variables}
