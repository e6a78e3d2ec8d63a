"""Rules about one secret or about several variables together: keys, endpoints and modes that must match."""

import difflib
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from config.env.reading import Reading
from config.env.variables import ALWAYS, TABLE

PAPER_HOST = "paper-api.alpaca.markets"
LIVE_HOST = "api.alpaca.markets"
DATA_HOSTS = ("data.alpaca.markets", "data.sandbox.alpaca.markets")
STREAM_HOSTS = ("stream.data.alpaca.markets", "stream.data.sandbox.alpaca.markets")
LOOPBACK = ("127.0.0.1", "localhost", "::1")

_PLACEHOLDER = re.compile(r"your[-_ ]|change[-_ ]?me|^x+$|^<.*>$|placeholder|example|replace[-_ ]|insert[-_ ]", re.I)
_KNOWN_WEAK = frozenset(
    [
        "postgres",
        "postgresql",
        "password",
        "passw0rd",
        "secret",
        "admin",
        "root",
        "redis",
        "valkey",
        "guest",
        "test",
        "123456",
        "12345678",
        "gatehouse",
    ]
)


def check(reading: Reading, source: Mapping[str, str]) -> None:
    """Add to `reading` every problem that no single value shows by itself."""
    unknown_names(reading, source)
    no_crash_asked_for(reading, source)
    required(reading)
    secrets(reading)
    services(reading)
    mode(reading)
    endpoints(reading)
    website(reading)
    own_rules(reading)


def unknown_names(reading: Reading, source: Mapping[str, str]) -> None:
    """Refuse names that look like ours and are not: a typing error there would silently mean the default."""
    for name in sorted(source):
        if not name.startswith(("ALPACA_", "TRADING_")) or name in TABLE:
            continue
        whose = TABLE.get(name.removesuffix("_FILE"))
        if name.endswith("_FILE") and whose is not None and whose.secret:
            continue
        near = difflib.get_close_matches(name, TABLE, n=1)
        remedy = f"Did you mean {near[0]}?" if near else "Remove it."
        reading.refuse(name, "is not a variable of this program.", remedy)


def no_crash_asked_for(reading: Reading, source: Mapping[str, str]) -> None:
    """Refuse what belongs to the crash rig alone; its processes take it out before they read their environment."""
    if source.get("CRASH_AT"):
        reading.refuse("CRASH_AT", "asks for a crash in the middle of the work.", "Remove it; `make crash` needs none.")


def required(reading: Reading) -> None:
    """Refuse the absence of what cannot be done without."""
    refused = {problem.name.removesuffix("_FILE") for problem in reading.problems}
    several = bool(reading.text("ALPACA_ACCOUNTS_FILE"))
    wanted = [variable.name for variable in TABLE.values() if variable.required == ALWAYS]
    if not several:
        wanted += ["ALPACA_API_KEY", "ALPACA_SECRET_KEY"]
    if not several and reading.text("TRADING_MODE") == "live":
        wanted.append("ALPACA_ACCOUNT_NUMBER")
    if reading.text("VENUE_CONTROL_URL"):
        wanted.append("VENUE_CONTROL_TOKEN")
    for name in wanted:
        if name not in reading.given and name not in refused:
            reading.refuse(name, "is not set.", f"{TABLE[name].help}")
    if several and ("ALPACA_API_KEY" in reading.given or "ALPACA_SECRET_KEY" in reading.given):
        reading.refuse("ALPACA_ACCOUNTS_FILE", "is set beside ALPACA_API_KEY.", "Keep one of the two.")


def secrets(reading: Reading) -> None:
    """Refuse placeholders, known defaults, and secrets that could be guessed."""
    for variable in TABLE.values():
        text = reading.text(variable.name)
        if not variable.secret or not text:
            continue
        if variable.name.endswith("_URL"):
            text = urlsplit(text).password or ""
        parts = text.split(",") if variable.name.endswith("_FALLBACKS") else [text]
        for weakness in filter(None, (why_weak(part.strip(), variable.shortest) for part in parts)):
            reading.refuse(variable.name, weakness, "Put the real value there, or make a random one.")


def why_weak(secret: str, shortest: int) -> str:
    """Return why `secret` guards nothing, or "" when it may; `shortest` 0 leaves its length alone."""
    if _PLACEHOLDER.search(secret):
        return "is a placeholder."
    if secret.lower() in _KNOWN_WEAK:
        return "is a password that everybody knows."
    if shortest and len(secret) < shortest:
        return f"is shorter than {shortest} characters."
    if shortest and len(set(secret)) < 8:
        return "repeats few characters, so it can be guessed."
    return ""


def services(reading: Reading) -> None:
    """Refuse addresses of the database and the queue that could not work."""
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        url = reading.text(name)
        if url and not url.startswith(("postgres://", "postgresql://")):
            reading.refuse(name, "is not a PostgreSQL address.", "Begin it with postgresql://.")
    redis = reading.text("REDIS_URL")
    if redis and not redis.startswith(("redis://", "rediss://")):
        reading.refuse("REDIS_URL", "is not a Redis address.", "Begin it with redis:// or rediss://.")
    program, owner = (urlsplit(reading.text(name)).username for name in ("DATABASE_URL", "DATABASE_OWNER_URL"))
    if owner and program == owner:
        reading.refuse(
            "DATABASE_URL", "is the owner's role, which could rewrite the record.", "Give the program its own role."
        )


def mode(reading: Reading) -> None:
    """Refuse real money that was switched on by one hand only."""
    if reading.text("TRADING_MODE") == "live" and not reading.flag("LIVE_TRADING_ENABLED"):
        reading.refuse(
            "TRADING_MODE", "is live without LIVE_TRADING_ENABLED.", "Set LIVE_TRADING_ENABLED=true or use paper."
        )


def endpoints(reading: Reading) -> None:
    """Refuse endpoints of strangers, and keys of one kind on an endpoint of the other."""
    at_venue = bool(reading.text("VENUE_CONTROL_URL"))
    allowed = {
        "ALPACA_BASE_URL": (PAPER_HOST, LIVE_HOST),
        "ALPACA_DATA_URL": DATA_HOSTS,
        "ALPACA_STREAM_URL": (PAPER_HOST, LIVE_HOST),
        "ALPACA_DATA_STREAM_URL": STREAM_HOSTS,
    }
    for name, hosts in allowed.items():
        url = reading.text(name)
        if reason := why_not_endpoint(url, hosts, at_venue=at_venue):
            reading.refuse(name, reason, f"Use https://{hosts[0]}, or declare the venue with VENUE_CONTROL_URL.")
    venue = reading.text("VENUE_CONTROL_URL")
    if venue and urlsplit(venue).hostname not in LOOPBACK:
        reading.refuse("VENUE_CONTROL_URL", "is not on this machine.", "The simulated venue runs at 127.0.0.1 only.")
    kind = "paper" if reading.text("TRADING_MODE") != "live" else "live"
    base, key = reading.text("ALPACA_BASE_URL"), reading.text("ALPACA_API_KEY")
    if reading.text("ALPACA_ACCOUNTS_FILE"):
        return
    for name, reason in why_not_together(key=key, base_url=base, kind=kind):
        reading.refuse(name, reason, "Take key and endpoint of the same kind.")
    if kind == "live" and reading.text("ALPACA_ACCOUNT_NUMBER").startswith("PA"):
        reading.refuse("ALPACA_ACCOUNT_NUMBER", "is the number of a paper account.", "Give the live account's number.")


def why_not_endpoint(url: str, hosts: tuple[str, ...], *, at_venue: bool) -> str:
    """Return why credentials may not be sent to `url`, or "" when they may."""
    if not url:
        return ""
    parts = urlsplit(url)
    if parts.hostname in LOOPBACK:
        return "" if at_venue else "is on this machine, but no venue is declared."
    if parts.hostname not in hosts:
        return "is not a host of Alpaca."
    return "" if parts.scheme in ("https", "wss") else "is not encrypted."


def why_not_together(*, key: str, base_url: str, kind: str) -> list[tuple[str, str]]:
    """Return (variable, reason) for each contradiction of key, endpoint and kind ("paper" or "live")."""
    host = urlsplit(base_url).hostname
    reasons = []
    if host == LIVE_HOST and key.startswith("PK"):
        reasons.append(("ALPACA_API_KEY", "is a paper key on the live endpoint."))
    if host == PAPER_HOST and key.startswith("AK"):
        reasons.append(("ALPACA_API_KEY", "is a live key on the paper endpoint."))
    if host == LIVE_HOST and kind == "paper":
        reasons.append(("ALPACA_BASE_URL", "is the live endpoint in paper mode."))
    if host == PAPER_HOST and kind == "live":
        reasons.append(("ALPACA_BASE_URL", "is the paper endpoint in live mode."))
    return reasons


def website(reading: Reading) -> None:
    """Refuse to carry sign-ins unencrypted over a network."""
    parts = urlsplit(reading.text("SITE_URL"))
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        reading.refuse("SITE_URL", "is plain http on a network.", "Use https://, with BEHIND_PROXY=true if need be.")


def own_rules(reading: Reading) -> None:
    """Refuse what cannot be the dotted path of a rule; whether it is one, the system check config.E003 says."""
    for path in reading.items("STRATEGY_RULES"):
        if "." not in path or not all(part.isidentifier() for part in path.split(".")):
            reading.refuse("STRATEGY_RULES", f"has '{path}', which is no dotted path.", "Write package.module.Rule.")
