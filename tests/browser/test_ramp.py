"""The pages of the ramp and of upkeep in Chromium: they fit, by day and by night, wide and narrow; the forms work."""

import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from config import people as roles
from risk.models import Attestation
from tests.browser.beside import beside
from tests.desk import Scene, house
from trading.models import Account, DailyReport, EnginePass

SignIn = Callable[..., BrowserContext]

_STANDS = """
    ALTER TABLE risk_stagemove DISABLE TRIGGER USER;
    INSERT INTO risk_stagemove (account, number, from_stage, to_stage, reason, evidence, by, at)
    VALUES ('814400001', 1, 'S0', 'S1', 'first live orders: paper was good', '{}', 'anna', now() - interval '14 days'),
           ('814400001', 2, 'S1', 'S2', 'ten good days', '{}', 'anna', now() - interval '13 days');
    ALTER TABLE risk_stagemove ENABLE TRIGGER USER;
"""


@pytest.fixture(scope="module")
def officer(scene: Scene) -> User:
    return beside(lambda: house.person("rita", roles.RISK_OFFICER))


@pytest.fixture(scope="module")
def live(scene: Scene) -> Account:
    """A live account at S2 with eleven sessions behind it, the oldest with a difference at its close."""

    def build() -> Account:
        made = Account.objects.create(number="814400001", name="Live", mode="live", created_at=timezone.now())
        first = timezone.now() - timedelta(days=12)
        for day in range(11):
            at, on = first + timedelta(days=day), date(2026, 1, 5) + timedelta(days=day)
            EnginePass.objects.create(account=made, bar_at=at, session_date=on, outcome="done", started_at=at)
            DailyReport.objects.create(
                account=made, session_date=on, figures={}, books_equal_broker=day > 0, created_at=at
            )
        return made

    made = beside(build)
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        for statement in _STANDS.split(";"):
            owner.execute(statement)
    return made


def choose(page: Page, account: Account) -> None:
    page.goto(reverse("stage"))
    page.locator("form.switch select").select_option(str(account.pk))
    page.locator("form.switch button").click()
    expect(page.locator("#account-choice")).to_have_value(str(account.pk))


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


class TestStage:
    @pytest.mark.parametrize(("width", "dark"), [(1440, False), (1440, True), (390, False)])
    def test_says_that_two_people_may_let_it_rise(
        self, signed_in: SignIn, officer: User, live: Account, width: int, dark: bool
    ) -> None:
        page = signed_in(officer, width=width, dark=dark).new_page()
        choose(page, live)
        page.goto(reverse("stage"))

        expect(page.locator("#rise")).to_contain_text("two people may let it rise")
        expect(page.get_by_role("button", name="Ask to let it rise")).to_be_visible()
        look(page, f"stage-{width}-{dark}")
        assert fits(page)

    def test_puts_it_lower_at_once(self, signed_in: SignIn, officer: User, live: Account) -> None:
        page = signed_in(officer).new_page()
        choose(page, live)
        page.goto(reverse("stage"))

        page.get_by_label("To", exact=True).select_option("S1")
        page.locator("#lower-reason").fill("the spread is wider than it was")
        page.get_by_role("button", name="Put it lower now").click()

        expect(page.locator("#moves")).to_contain_text("S2 → S1")
        expect(page.locator("#rise")).to_contain_text("0 of 10 so far")
        look(page, "stage-lower")


class TestUpkeep:
    @pytest.mark.parametrize(("width", "dark"), [(1440, False), (1440, True), (390, False)])
    def test_fits_with_its_forms(self, signed_in: SignIn, officer: User, width: int, dark: bool) -> None:
        page = signed_in(officer, width=width, dark=dark).new_page()
        page.goto(reverse("upkeep"))

        expect(page.locator("#duties")).to_contain_text("never")
        look(page, f"upkeep-{width}-{dark}")
        assert fits(page)

    def test_records_an_assessment(self, signed_in: SignIn, officer: User) -> None:
        page = signed_in(officer).new_page()
        page.goto(reverse("upkeep"))
        page.locator("#finding").fill("Went through every control with its test; nothing is to change this year.")

        page.get_by_role("button", name="Record the assessment").click()

        expect(page.locator("#notes")).to_contain_text("nothing is to change")
        assert beside(lambda: Attestation.objects.get(kind="assessment").by) == "rita"


def look(page: Page, name: str) -> None:
    """Keep a picture where SCREENSHOTS says so, for people to look at."""
    if kept := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=str(Path(kept) / f"{name}.png"), full_page=True)
