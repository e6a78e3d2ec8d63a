"""What opens one account at one broker, and the rule that its parts belong together."""

from typing import Protocol
from urllib.parse import urlsplit

from trading.choices import Mode

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

UNPINNED = "default"
"""The number of a paper account whose real number nobody has written down."""

_HOSTS = {Mode.PAPER: "paper-api.alpaca.markets", Mode.LIVE: "api.alpaca.markets"}
_KEY_PREFIXES = {Mode.PAPER: "PK", Mode.LIVE: "AK"}
_PAPER_NUMBER = "PA"


class Concealed(Protocol):
    """A secret that shows itself only when asked in so many words."""

    def reveal(self) -> str: ...


class Credentials(Protocol):
    """Keys of one account and where they may be used; `kind` is "paper" or "live", base and data URLs have no path."""

    @property
    def number(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def key(self) -> Concealed: ...
    @property
    def secret(self) -> Concealed: ...
    @property
    def base_url(self) -> str: ...
    @property
    def data_url(self) -> str: ...
    @property
    def stream_url(self) -> str:
        """The trade-update stream's full address."""

    @property
    def data_stream_url(self) -> str:
        """The data stream's address without its last part, the feed."""


class DoNotBelongTogether(Exception):
    """Key, endpoint, kind and account number contradict each other; nothing may be sent with them."""


def is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in LOOPBACK


def check(number: str, given: Credentials) -> None:
    """Refuse credentials whose parts contradict each other. Raises `DoNotBelongTogether`; no key is in the text.

    On loopback (the simulated venue) any kind may be tried; everywhere else only Alpaca's own hosts, encrypted.
    """
    if number != given.number:
        raise DoNotBelongTogether(f"account {number} is configured with the keys of {given.number}")
    if given.kind not in _HOSTS:
        raise DoNotBelongTogether(f"account {number} is of kind {given.kind!r}; choose paper or live")
    if given.kind == Mode.LIVE and number == UNPINNED:
        raise DoNotBelongTogether("a live account needs its number: set ALPACA_ACCOUNT_NUMBER")
    if any(is_loopback(url) for url in (given.base_url, given.stream_url)):
        if not (is_loopback(given.base_url) and is_loopback(given.stream_url)):
            raise DoNotBelongTogether(f"account {number} trades at one place and listens at another")
        return
    _check_at_alpaca(number, given, Mode(given.kind))


def _check_at_alpaca(number: str, given: Credentials, kind: Mode) -> None:
    host = _HOSTS[kind]
    for url, scheme in ((given.base_url, "https"), (given.stream_url, "wss")):
        if urlsplit(url).scheme != scheme or urlsplit(url).hostname != host:
            raise DoNotBelongTogether(f"{kind} account {number} must be reached at {scheme}://{host}, not at {url}")
    others = Mode.LIVE if kind is Mode.PAPER else Mode.PAPER
    if given.key.reveal().startswith(_KEY_PREFIXES[others]):
        raise DoNotBelongTogether(f"{kind} account {number} is configured with a {others} key")
    if kind is Mode.LIVE and number.startswith(_PAPER_NUMBER):
        raise DoNotBelongTogether(f"{number} is a paper account's number; its kind cannot be live")
