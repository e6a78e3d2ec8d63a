"""Telling the simulated venue how far the desk has come, so that its next minute waits for us. Nothing at Alpaca.

A failed word is only logged: the venue waits, and the next pass or tick says it again.
"""

import logging
import os
import threading
from datetime import date, datetime
from typing import Any

import requests
from django.conf import settings

from trading.broker import factory

logger = logging.getLogger(__name__)

TIMEOUT = (2, 5)

_here = threading.local()


def participate(account_number: str) -> None:
    """Ask the venue to wait for this account from the next minute on."""
    _say(account_number, "participate", {})


def finished_minute(account_number: str, until: datetime) -> None:
    """Everything up to this instant of the venue's clock is worked off."""
    _say(account_number, "acknowledge", {"at": until.isoformat()})


def finished_session(account_number: str, session_date: date) -> None:
    """The close of this session is worked off: compared, reported, ready for the next."""
    _say(account_number, "acknowledge", {"session": session_date.isoformat()})


def description() -> str:
    """Where the venue's prices come from, in its own sentence; empty at Alpaca and while the venue is away."""
    if not settings.VENUE_CONTROL_URL:
        return ""
    headers = {"X-Venue-Token": settings.VENUE_CONTROL_TOKEN.reveal()}
    try:
        answer = _session().get(f"{_control()}/venue/state", headers=headers, timeout=TIMEOUT)
        answer.raise_for_status()
        return str(answer.json().get("description", ""))
    except (requests.RequestException, ValueError):
        return ""


def _control() -> str:
    return str(settings.VENUE_CONTROL_URL).rstrip("/")


def _session() -> requests.Session:
    """This process's kept connection; a forked worker makes its own."""
    if getattr(_here, "process", None) != os.getpid():
        _here.process, _here.session = os.getpid(), requests.Session()
        _here.session.trust_env = False
    session: requests.Session = _here.session
    return session


def _say(account_number: str, what: str, body: dict[str, Any]) -> None:
    if not settings.VENUE_CONTROL_URL:
        return
    keys = factory.credentials_of(account_number)
    headers = {"APCA-API-KEY-ID": keys.key.reveal(), "APCA-API-SECRET-KEY": keys.secret.reveal()}
    url = f"{_control()}/venue/{what}"
    try:
        answer = _session().post(url, json=body, headers=headers, timeout=TIMEOUT)
        answer.raise_for_status()
    except requests.RequestException as failure:
        logger.warning("the venue did not hear that we are done: %s", type(failure).__name__)
