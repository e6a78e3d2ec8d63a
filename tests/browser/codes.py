"""Codes of an authenticator app, as somebody types them who does not begin when the number is about to change."""

import time

from django.contrib.auth.models import User
from playwright.sync_api import Page

from tests.browser.beside import beside
from tests.desk import house

PERIOD, SPARE = 30.0, 4.0
"""Seconds a code is shown, and how many of them must be left to send it."""


def code(page: Page, user: User) -> str:
    """What the app shows, for some seconds more."""
    left = PERIOD - time.time() % PERIOD
    if left < SPARE:
        page.wait_for_timeout(left * 1000)
    return beside(lambda: house.code(user))
