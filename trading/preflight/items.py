"""One line of the checklist, and what a check may look at."""

from dataclasses import dataclass
from datetime import datetime

from trading.broker.gateway import BrokerGateway
from trading.models import Account

PASS, FAIL, WARNING = "pass", "fail", "warning"


@dataclass(frozen=True, slots=True)
class Context:
    """What a check is made of: the account, its gateway, both clocks."""

    account: Account
    gateway: BrokerGateway
    now: datetime
    """Wall clock."""
    market_now: datetime | None
    """The venue's clock; None where it could not be read."""


@dataclass(frozen=True, slots=True)
class Item:
    """What one check found. `remedy` says what a person should do, and is empty where nothing is to be done."""

    result: str
    detail: str
    remedy: str = ""


def passed(detail: str) -> Item:
    return Item(PASS, detail)


def failed(detail: str, remedy: str) -> Item:
    return Item(FAIL, detail, remedy)


def warned(detail: str, remedy: str) -> Item:
    return Item(WARNING, detail, remedy)
