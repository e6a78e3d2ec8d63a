"""Halting in Chromium: the dialog says what would happen, asks why, and every open page shows it at once."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from risk.models import Halt
from tests.browser.beside import beside
from tests.browser.trading_desk import check, market_after_cancels, trading_desk
from tests.desk import Scene, house

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

    def test_says_on_the_button_what_the_level_would_do(self, page: Page) -> None:
        page.keyboard.press("h")
        pressed = page.get_by_role("button", name="Halt now")
        expect(pressed).to_have_accessible_name("Halt now: stop entries, cancel 2 entries")

        page.get_by_role("dialog").get_by_role("radio", name="H3").check()

        expect(pressed).to_have_accessible_name("Halt now: stop entries, cancel 2 entries, close 4 positions")

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

    def test_flattens_and_two_people_let_trading_go_on(self, signed_in: SignIn, scene: Scene) -> None:
        with trading_desk(scene) as desk:
            olga, anna = signed_in(scene.operator).new_page(), signed_in(scene.approver, width=390).new_page()
            anna.goto(reverse("positions"))
            expect(anna.locator("#liveness")).to_have_text("live")
            olga.goto(reverse("desk"))
            expect(olga.locator("#liveness")).to_have_text("live")

            olga.keyboard.press("h")
            dialog = olga.get_by_role("dialog")
            dialog.get_by_text("flatten: entries canceled").click()
            dialog.get_by_label("Why").fill("quotes froze")
            with market_after_cancels(desk):
                dialog.get_by_role("button", name="Halt now").click(no_wait_after=True)
                olga.wait_for_url("**/halt/*/")

            expect(olga.get_by_role("heading", name=f"Halt H3 on account {desk.account.number}")).to_be_visible()
            receipt = olga.locator("#receipt")
            expect(receipt).to_contain_text("Everything is confirmed by the broker.")
            expect(receipt.locator("tbody tr", has_text="MSFT buy")).to_contain_text("cancel")
            expect(receipt.locator("tbody tr", has_text="close")).to_have_count(2)
            expect(anna.get_by_role("alert")).to_contain_text("quotes froze")

            check(desk)
            olga.get_by_label("What was found").fill("the feed is back")
            olga.get_by_role("button", name="Ask for release").click()
            expect(olga.get_by_text("You asked for this, so another person must decide.")).to_be_visible()
            anna.goto(olga.url)
            anna.get_by_label("Code of your authenticator app").fill(beside(lambda: house.code(scene.approver)))
            anna.get_by_role("button", name="Approve").click()
            anna.get_by_role("button", name="Carry it out").click()

            expect(anna.get_by_text("It was carried out.")).to_be_visible()
            expect(olga.get_by_role("alert")).to_have_count(0)
            assert not beside(Halt.objects.open().in_earnest().exists)
