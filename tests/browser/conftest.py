"""Chromium in front of the real site: a server on a free port over this worker's database, and people signed in."""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browser.beside import beside

if TYPE_CHECKING:
    import uvicorn
    from django.contrib.auth.models import User
    from playwright.sync_api import Browser, BrowserContext
    from pytest_django import DjangoDbBlocker

    from tests.desk import Scene

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium; without one say so, or fail where it is required.

    Of this module alone: the loop Playwright leaves running would be in the way of other tests' own.
    """
    from playwright.sync_api import sync_playwright

    if CHROMIUM is None:
        sentence = "No Chromium here: install the package chromium to run the browser tests."
        if os.environ.get("BROWSER_TESTS") == "required":
            pytest.fail(sentence)
        pytest.skip(sentence)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield launched
        launched.close()


class Site:
    """The site as a process would serve it, in a thread; it can be stopped and started again on its port."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        import uvicorn
        from channels.routing import ProtocolTypeRouter
        from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler

        from config.asgi import application

        parts = dict(application.application_mapping)
        served = ProtocolTypeRouter({**parts, "http": ASGIStaticFilesHandler(parts["http"])})
        config = uvicorn.Config(
            served, host="127.0.0.1", port=self.port, log_level="error", lifespan="off", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            self._thread.join(0.02)

    def stop(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(10)


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Scene]:
    """The desk, committed, so that the server sees it; put back after the module."""
    from django.db import connections
    from django.test import override_settings
    from django.utils import timezone

    from tests import databases, desk

    with django_db_blocker.unblock():
        with override_settings(VENUE_CONTROL_URL="http://127.0.0.1:1", ALLOWED_HOSTS=["localhost"]):
            yield desk.build(timezone.now())
        connections.close_all()
        databases.restore(os.environ["DATABASE_OWNER_URL"])


@pytest.fixture(scope="module")
def site(scene: Scene) -> Iterator[Site]:
    made = Site()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def signed_in(site: Site, browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """A browser profile in which someone is signed in: `signed_in(user, width=390, dark=True)`."""
    from django.test import Client

    made: list[BrowserContext] = []

    def sign_in(user: User, *, width: int = 1440, dark: bool = False) -> BrowserContext:
        client = Client()
        beside(lambda: client.force_login(user))
        context = browser.new_context(
            base_url=site.url,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
        )
        context.set_default_timeout(15_000)
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site.url}])
        made.append(context)
        return context

    yield sign_in
    for context in made:
        context.close()
