"""Who carries an alert out of the house: Apprise to mail, SMS and chat, or the log where nothing is configured."""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

import apprise
from django.conf import settings

from audit.severity import Severity

log = logging.getLogger("audit.alerts")

_BETWEEN_ADDRESSES = re.compile(r"[\s,]+(?=[a-z][a-z0-9+.-]*://)", re.IGNORECASE)
# Elsewhere the place of the host holds a token.
_HOST_IS_HARMLESS = {"mailto", "mailtos", "json", "jsons", "xml", "xmls"}
_KINDS = {
    Severity.INFO: apprise.NotifyType.INFO,
    Severity.WARNING: apprise.NotifyType.WARNING,
    Severity.SERIOUS: apprise.NotifyType.WARNING,
    Severity.CRITICAL: apprise.NotifyType.FAILURE,
}


@dataclass(frozen=True, slots=True)
class Message:
    title: str
    body: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt; `said` is safe to keep and to show."""

    delivered: bool
    said: str


class Courier(Protocol):
    """Takes a message to one channel. `label` names the channel without its secrets."""

    @property
    def label(self) -> str: ...

    def carry(self, message: Message) -> Outcome:
        """Try once, within the time-outs of the channel. Never raises."""
        ...


@dataclass(frozen=True, slots=True)
class ConsoleCourier:
    """Writes alerts to the log: for the demo, and for a desk that has configured nothing better."""

    label: str = "console"

    def carry(self, message: Message) -> Outcome:
        log.warning("ALERT %s\n%s", message.title, message.body)
        return Outcome(delivered=True, said="written to the log")


class AppriseCourier:
    """One Apprise address."""

    def __init__(self, label: str, address: str) -> None:
        self.label = label
        self._apprise = apprise.Apprise()
        self._understood = self._apprise.add(address)

    def __repr__(self) -> str:
        return f"AppriseCourier({self.label})"

    def carry(self, message: Message) -> Outcome:
        if not self._understood:
            return Outcome(delivered=False, said="the address is not understood; correct it in ALERT_URLS")
        try:
            delivered = self._apprise.notify(
                title=message.title, body=message.body, notify_type=_KINDS[message.severity], body_format="text"
            )
        except Exception as error:
            # A plug-in may raise anything, with the address in its text: only the kind is kept.
            log.warning("The alert channel %s failed with %s.", self.label, type(error).__name__)
            return Outcome(delivered=False, said=f"failed with {type(error).__name__}")
        said = "taken by the channel" if delivered else "refused, or not reached in time"
        return Outcome(delivered=bool(delivered), said=said)


def configured() -> list[Courier]:
    """The couriers of `settings.ALERT_URLS`: a list, or text with commas between; plain or wrapped as a secret."""
    addresses = list(_addresses(getattr(settings, "ALERT_URLS", None)))
    if not addresses:
        return [ConsoleCourier()]
    return [_courier(label, address) for label, address in zip(_labels(addresses), addresses, strict=True)]


def _courier(label: str, address: str) -> Courier:
    return ConsoleCourier(label) if address.startswith("console://") else AppriseCourier(label, address)


def _addresses(value: Any) -> Iterable[str]:
    if not value:
        return
    if hasattr(value, "reveal"):
        value = value.reveal()
    if isinstance(value, str):
        yield from filter(None, _BETWEEN_ADDRESSES.split(value.strip(" ,\n")))
        return
    for item in value:
        yield from _addresses(item)


def _labels(addresses: Iterable[str]) -> Iterable[str]:
    seen: dict[str, int] = {}
    for address in addresses:
        parts = urlsplit(address)
        scheme = parts.scheme.lower()
        name = f"{scheme} at {parts.hostname}" if scheme in _HOST_IS_HARMLESS and parts.hostname else scheme
        seen[name] = seen.get(name, 0) + 1
        yield name if seen[name] == 1 else f"{name} ({seen[name]})"
