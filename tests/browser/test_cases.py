"""A case and a report in Chromium: the officer's forms fit the page, by day and by night, wide and narrow."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from config import people as roles
from tests.browser.beside import beside
from tests.desk import Scene, house
from trading.models import DailyReport, ReconciliationBreak, ReportSignature

SignIn = Callable[..., BrowserContext]


@pytest.fixture(scope="module")
def officer(scene: Scene) -> User:
    return beside(lambda: house.person("rita", roles.RISK_OFFICER))


class TestCase:
    @pytest.mark.parametrize(("width", "dark"), [(1440, False), (1440, True), (390, False)])
    def test_fits_with_its_forms(self, signed_in: SignIn, officer: User, width: int, dark: bool) -> None:
        case = beside(lambda: ReconciliationBreak.objects.filter(status="open")[0])
        page = signed_in(officer, width=width, dark=dark).new_page()

        page.goto(reverse("reconciliation"))
        page.get_by_role("link", name=f"Position {case.symbol}").click()

        expect(page.get_by_role("button", name="Close the case")).to_be_visible()
        expect(page.get_by_label("Price of the shares, USD")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        look(page, f"case-{width}-{dark}")


class TestReport:
    def test_is_signed_with_one_press(self, signed_in: SignIn, officer: User) -> None:
        day = beside(lambda: DailyReport.objects.order_by("-session_date").values_list("session_date", flat=True)[0])
        page = signed_in(officer, dark=True).new_page()
        page.goto(reverse("daily-report", args=[day.isoformat()]))
        look(page, "report-waits")

        page.get_by_role("button", name="Sign the report").click()

        expect(page.locator("#signature")).to_contain_text("Signed by rita")
        look(page, "report-signed")
        assert beside(ReportSignature.objects.count) == 1


def look(page: Page, name: str) -> None:
    """Keep a picture where SCREENSHOTS says so, for people to look at."""
    if kept := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=str(Path(kept) / f"{name}.png"), full_page=True)
