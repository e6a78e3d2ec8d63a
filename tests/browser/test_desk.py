"""The desk in Chromium: it draws, stays true without a reload, and says when it can not."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from audit import trail
from tests.browser.beside import beside
from tests.browser.conftest import Site
from tests.desk import Scene

SignIn = Callable[..., BrowserContext]
PAGES = ("desk", "blotter", "positions", "risk", "requests", "reconciliation", "preflight", "reports", "audit", "halt")


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture
def page(signed_in: SignIn, scene: Scene, complaints: list[str]) -> Page:
    """The overview as the operator sees it, with everything the browser complains of."""
    opened = signed_in(scene.operator).new_page()
    opened.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.goto(reverse("desk"))
    expect(opened.locator("#liveness")).to_have_text("live")
    return opened


def record(scene: Scene, sentence: str) -> None:
    def write() -> None:
        with transaction.atomic():
            trail.record(
                event="order.filled", sentence=sentence, by="engine", now=timezone.now(), account=scene.account.number
            )

    beside(write)


class TestDesk:
    def test_draws_equity_and_candles_without_a_complaint(self, page: Page, complaints: list[str]) -> None:
        expect(page.locator("#curve canvas").first).to_be_visible()
        expect(page.locator("#candles canvas").first).to_be_visible()
        expect(page.get_by_text("100,182")).to_be_visible()

        assert complaints == []

    def test_shows_what_was_recorded_without_a_reload(self, page: Page, scene: Scene) -> None:
        page.evaluate("window.before = 1")

        record(scene, "IBM 2 @ 206.01, and the page did not reload")

        expect(page.locator("#record")).to_contain_text("and the page did not reload")
        assert page.evaluate("window.before") == 1

    def test_leaves_open_what_a_person_opened(self, page: Page, scene: Scene) -> None:
        page.locator("#person-menu summary").click()
        page.locator("#person-menu").get_by_role("link", name="Admin").focus()

        record(scene, "a fill behind the menu")

        expect(page.locator("#record")).to_contain_text("a fill behind the menu")
        expect(page.locator("#person-menu")).to_have_attribute("open", "")
        expect(page.locator("#person-menu").get_by_role("link", name="Admin")).to_be_focused()

    def test_switches_the_symbol_in_place(self, page: Page) -> None:
        page.locator(".symbols").get_by_text("IBM").click()

        expect(page.locator("#chart-title")).to_contain_text("IBM")
        assert "symbol=IBM" in page.url

    def test_filters_the_blotter_in_place(self, page: Page) -> None:
        page.locator("#blotter").get_by_role("link", name="denied").click()

        expect(page.locator("#blotter tbody tr")).to_have_count(1)
        expect(page.locator("#blotter tbody")).to_contain_text("denied")

    def test_greys_itself_when_the_server_is_gone_and_recovers(self, signed_in: SignIn, scene: Scene) -> None:
        own = Site()
        own.start()
        context = signed_in(scene.viewer)
        cookie: Any = context.cookies()[0]
        context.add_cookies([{"name": "sessionid", "value": cookie["value"], "url": own.url}])
        page = context.new_page()
        page.goto(f"{own.url}/")
        expect(page.locator("#liveness")).to_have_text("live")

        own.stop()
        expect(page.locator("#stale")).to_contain_text("Not live since")
        expect(page.locator("body")).to_have_class("is-stale")

        own.start()
        expect(page.locator("#stale")).to_be_hidden()
        page.close()
        own.stop()


class TestKeys:
    def test_go_to_a_page(self, page: Page) -> None:
        page.keyboard.press("g")
        page.keyboard.press("b")

        page.wait_for_url("**/blotter/")

    def test_are_listed_by_a_question_mark(self, page: Page) -> None:
        page.keyboard.press("?")

        expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()

    def test_are_silent_while_a_person_types(self, page: Page) -> None:
        page.goto(reverse("blotter"))
        page.get_by_label("Symbol").fill("")
        page.get_by_label("Symbol").press_sequentially("gh")

        expect(page.locator("dialog[open]")).to_have_count(0)
        expect(page.get_by_label("Symbol")).to_have_value("gh")


class TestWidths:
    @pytest.mark.parametrize("name", PAGES)
    @pytest.mark.parametrize("dark", [False, True])
    def test_a_phone_needs_no_sideways_scrolling(self, signed_in: SignIn, scene: Scene, name: str, dark: bool) -> None:
        page = signed_in(scene.operator, width=390, dark=dark).new_page()

        page.goto(reverse(name))

        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        expect(page.get_by_role("button", name="Halt…")).to_be_in_viewport(ratio=1)


class TestTheme:
    def test_follows_the_system_until_a_person_chooses(self, signed_in: SignIn, scene: Scene) -> None:
        page = signed_in(scene.operator, dark=True).new_page()
        page.goto(reverse("desk"))
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor")

        page.keyboard.press("t")
        page.goto(reverse("blotter"))

        assert dark == "rgb(15, 17, 19)"
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(245, 245, 242)"
