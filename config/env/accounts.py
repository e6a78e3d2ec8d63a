"""The broker accounts this process holds keys for: number to credentials and addresses."""

import json
from dataclasses import dataclass
from json import JSONDecodeError
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from config.env import rules
from config.env.reading import Reading
from config.env.secret import Secret
from config.env.variables import TABLE

NAME = "ALPACA_ACCOUNTS_FILE"
UNPINNED = "default"
"""Key of the account in `BROKER_ACCOUNTS` when ALPACA_ACCOUNT_NUMBER is not set (paper only)."""

_FIELDS = {"key", "secret", "kind", "base_url", "data_url"}


@dataclass(frozen=True, slots=True)
class BrokerAccount:
    """Keys of one account and where they may be used. `kind` is "paper" or "live"; URLs have no path."""

    number: str
    kind: str
    key: Secret
    secret: Secret
    base_url: str
    data_url: str
    stream_url: str
    data_stream_url: str


def read(reading: Reading) -> dict[str, BrokerAccount]:
    """Return the accounts of the environment; problems of the accounts file are added to `reading`."""
    path = reading.text(NAME)
    if path:
        return _read_file(Path(path), reading)
    base, data = reading.text("ALPACA_BASE_URL"), reading.text("ALPACA_DATA_URL")
    number = reading.text("ALPACA_ACCOUNT_NUMBER") or UNPINNED
    account = BrokerAccount(
        number=number,
        kind=reading.text("TRADING_MODE"),
        key=Secret(reading.text("ALPACA_API_KEY")),
        secret=Secret(reading.text("ALPACA_SECRET_KEY")),
        base_url=base,
        data_url=data,
        stream_url=reading.text("ALPACA_STREAM_URL") or _trade_stream(base),
        data_stream_url=reading.text("ALPACA_DATA_STREAM_URL") or _data_stream(data),
    )
    return {number: account}


def _read_file(path: Path, reading: Reading) -> dict[str, BrokerAccount]:
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        reading.refuse(NAME, f"cannot be read ({error.strerror}).", "Correct the path or its rights.")
        return {}
    except (JSONDecodeError, UnicodeDecodeError):
        reading.refuse(NAME, "is not JSON.", 'Write {"NUMBER": {"key": …, "secret": …, "kind": "paper"}}.')
        return {}
    if path.stat().st_mode & 0o077:
        reading.refuse(NAME, "can be read by other people of this machine.", f"Run: chmod 600 {path}")
    if not isinstance(entries, dict) or not entries:
        reading.refuse(NAME, "names no account.", 'Write {"NUMBER": {"key": …, "secret": …, "kind": "paper"}}.')
        return {}
    accounts = (_account(number, entry, reading) for number, entry in entries.items())
    return {account.number: account for account in accounts if account is not None}


def _account(number: str, entry: Any, reading: Reading) -> BrokerAccount | None:
    where = f"{NAME}, account {number}"
    if not isinstance(entry, dict) or not all(isinstance(value, str) for value in entry.values()):
        reading.refuse(where, "is not an object of texts.", "Give key, secret, kind, base_url, data_url.")
        return None
    if strange := sorted(entry.keys() ^ _FIELDS):
        reading.refuse(where, f"has missing or unknown fields: {', '.join(strange)}.", "Give exactly the five fields.")
        return None
    for reason, remedy in _contradictions(entry, reading):
        reading.refuse(where, reason, remedy)
    return BrokerAccount(
        number=number,
        kind=entry["kind"],
        key=Secret(entry["key"]),
        secret=Secret(entry["secret"]),
        base_url=entry["base_url"],
        data_url=entry["data_url"],
        stream_url=_trade_stream(entry["base_url"]),
        data_stream_url=_data_stream(entry["data_url"]),
    )


def _contradictions(entry: dict[str, str], reading: Reading) -> list[tuple[str, str]]:
    """Return (reason, remedy) for everything that is wrong with the values of one account."""
    kind, at_venue = entry["kind"], bool(reading.text("VENUE_CONTROL_URL"))
    found = []
    if kind not in ("paper", "live"):
        found.append((f"is of kind '{kind}'.", "Choose paper or live."))
    if kind == "live" and not reading.flag("LIVE_TRADING_ENABLED"):
        found.append(("is live without LIVE_TRADING_ENABLED.", "Set LIVE_TRADING_ENABLED=true or remove it."))
    for name, hosts in (("base_url", (rules.PAPER_HOST, rules.LIVE_HOST)), ("data_url", rules.DATA_HOSTS)):
        if reason := rules.why_not_endpoint(entry[name], hosts, at_venue=at_venue):
            found.append((f"has a {name} that {reason}", f"Use https://{hosts[0]}."))
    for name, variable in (("key", "ALPACA_API_KEY"), ("secret", "ALPACA_SECRET_KEY")):
        if weakness := rules.why_weak(entry[name], TABLE[variable].shortest):
            found.append((f"has a {name} that {weakness}", "Copy the real one."))
    together = rules.why_not_together(key=entry["key"], base_url=entry["base_url"], kind=kind)
    return found + [(reason, "Take key and endpoint of the same kind.") for _, reason in together]


def _trade_stream(base_url: str) -> str:
    return f"{_as_websocket(base_url)}/stream"


def _data_stream(data_url: str) -> str:
    """Return the address without its last part, which is the feed (`/v2/iex`)."""
    parts = urlsplit(data_url)
    if parts.hostname in rules.LOOPBACK:
        return _as_websocket(data_url)
    return _as_websocket(urlunsplit(parts._replace(netloc=f"stream.{parts.netloc}")))


def _as_websocket(url: str) -> str:
    return "ws" + url.removeprefix("http").rstrip("/")
