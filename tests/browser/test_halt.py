"""Halting in Chromium: the dialog says what would happen, asks why, and every open page shows it at once."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from risk.models import Halt
from tests.browser.beside import beside
from tests.desk import Scene

SignIn = Callable[..., BrowserContext]


@pytest.fixture
def page(signed_in: SignIn, scene: Scene) -> Page:
    opened = signed_in(scene.operator).new_page()
    opened.goto(reverse("desk"))
    expect(opened.locator("#liveness")).to_have_text("live")
    return opened


class TestDialog:
    def test_opens_by_key_with_what_would_happen(self, page: Page) -> None:
        page.keyboard.press("h")

        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("2\u202fentries working")
        expect(dialog).to_contain_text("4 held")
        expect(dialog.get_by_label("Why")).to_be_focused()

    def test_closes_by_escape_and_stops_nothing(self, page: Page) -> None:
        page.get_by_role("button", name="Halt…").click()
        expect(page.get_by_role("dialog").get_by_label("Why")).to_be_focused()

        page.keyboard.press("Escape")

        expect(page.get_by_role("dialog")).to_be_hidden()
        assert not beside(Halt.objects.exists)

    def test_keeps_the_reason_when_the_scope_changes(self, page: Page) -> None:
        page.keyboard.press("h")
        page.get_by_role("dialog").get_by_label("Why").fill("quotes froze")

        page.get_by_role("dialog").get_by_label("What to stop").select_option("all")

        expect(page.get_by_role("heading", name="Halt every account")).to_be_visible()
        expect(page.get_by_role("dialog").get_by_label("Why")).to_have_value("quotes froze")

    def test_needs_a_reason(self, page: Page) -> None:
        page.keyboard.press("h")
        page.get_by_role("button", name="Halt now").click()

        expect(page.get_by_role("dialog")).to_be_visible()
        assert not beside(Halt.objects.exists)

    def test_halts_and_every_open_page_shows_it(self, page: Page, signed_in: SignIn, scene: Scene) -> None:
        other = signed_in(scene.viewer, width=390).new_page()
        other.goto(reverse("positions"))
        expect(other.locator("#liveness")).to_have_text("live")

        page.keyboard.press("h")
        dialog = page.get_by_role("dialog")
        dialog.get_by_text("no new entries; exits and").click()
        dialog.get_by_label("Why").fill("quotes froze")
        dialog.get_by_role("button", name="Halt now").click()

        page.wait_for_url("**/halt/*/")
        expect(page.get_by_role("heading", name="Halt H1 on account PA3X0DEMO")).to_be_visible()
        expect(other.get_by_role("alert")).to_contain_text("quotes froze")
