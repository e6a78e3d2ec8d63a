"""Two people in Chromium: a key is set up and admitted, days pass, and then it signs the vote that is carried out."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from risk import ballots, clock, factors, membership, proofs, signoff, signoff_terms
from risk.models import ChangeRequest, Limit, Vote
from tests import security_key
from tests.browser.beside import beside
from tests.browser.conftest import Site
from tests.desk import Scene, house

SignIn = Callable[..., BrowserContext]


@pytest.fixture(autouse=True)
def _at_its_address(site: Site) -> Iterator[None]:
    """The free port of this run is the site's configured address: keys sign for it."""
    with override_settings(SITE_URL=site.url):
        yield


def with_key(page: Page) -> Page:
    """Plug a security key into the page's browser that its owner always touches."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "usb",
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return page


def set_up_a_key(page: Page) -> None:
    page.goto(reverse("mfa_add_webauthn"))
    page.get_by_label("Password").fill("a-long-enough-pass-word")
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("button", name="Use the key").click()
    expect(page.get_by_role("heading", name="Recovery Codes")).to_be_visible()
    page.goto(reverse("mfa_index"))


def approve_by_code(page: Page, code: str) -> None:
    page.get_by_label("Code of your authenticator app").fill(code)
    page.get_by_role("button", name="Approve").click()
    page.get_by_role("button", name="Carry it out").click()


def ask_for_more_positions(page: Page) -> str:
    """Ask on the page of limits; where the request is."""
    page.goto(reverse("risk"))
    page.locator("select[name=limit]").select_option("positions|firm|")
    page.get_by_label("New value").fill("15")
    page.locator("form", has=page.locator("select[name=limit]")).locator("[name=reason]").fill("two more names fit")
    page.locator("form", has=page.locator("select[name=limit]")).locator("button").first.click()
    expect(page.get_by_role("heading", name="Loosen open positions of the firm")).to_be_visible()
    return page.url


def key_elsewhere(scene: Scene) -> None:
    """Anna has a key that votes, and not with her."""
    # An hour ago, so that Adam's code is not the one of this half minute: that counts once.
    at = timezone.now() - timedelta(hours=1)
    security_key.give(scene.approver)
    (factor,) = factors.bring_in_line(scene.approver, by="anna", now=at - timedelta(hours=72))
    asked = membership.propose_factor(factor, reason="my key", by=scene.approver, now=at, place=signoff_terms.here())
    code = proofs.Code(house.code(scene.other_approver))
    signoff.vote(asked.pk, decision="APPROVE", by=scene.other_approver, now=at, proof=code)
    membership.admit(asked, by="adam", now=at, place=signoff_terms.here())


class TestVote:
    def test_by_key_is_signed_and_carried_out(
        self, signed_in: SignIn, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        anna = with_key(signed_in(scene.approver).new_page())
        adam, olga = signed_in(scene.other_approver).new_page(), signed_in(scene.operator).new_page()
        set_up_a_key(anna)
        expect(anna.get_by_text("have another person admit it")).to_be_visible()
        anna.get_by_label("Why it is to vote").fill("my own key")
        anna.get_by_role("button", name="Ask to admit it to votes").click()
        expect(anna.get_by_text("You asked for this, so another person must decide.")).to_be_visible()
        adam.goto(anna.url)
        approve_by_code(adam, beside(lambda: house.code(scene.other_approver)))
        expect(adam.get_by_text("It was carried out.")).to_be_visible()

        later = timedelta(hours=73)
        monkeypatch.setattr(clock, "now", lambda: timezone.now() + later)
        anna.goto(ask_for_more_positions(olga))
        expect(anna.get_by_label("Code of your authenticator app")).to_have_count(0)
        anna.get_by_role("button", name="Approve with your key").click()
        expect(anna.locator("#votes")).to_contain_text("security key")
        anna.get_by_role("button", name="Carry it out").click()

        expect(anna.get_by_text("It was carried out.")).to_be_visible()
        report = beside(ballots.verify)
        assert (report.by_key, report.by_code, report.findings) == (1, 1, ())
        assert beside(lambda: Limit.objects.in_force().get(name="positions").value) == 15

    def test_is_asked_for_where_no_key_is_touched(self, signed_in: SignIn, scene: Scene) -> None:
        page = signed_in(scene.other_approver).new_page()
        waiting = beside(lambda: ChangeRequest.objects.get(target="limit:gross_fraction@firm"))
        page.goto(reverse("request", args=[waiting.pk]))

        page.get_by_role("button", name="Approve").click()

        expect(page.get_by_label("Code of your authenticator app")).to_be_focused()
        page.locator("#code").evaluate("field => field.required = false")
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_role("alert")).to_contain_text("Confirm your vote with your authenticator app.")
        assert not beside(Vote.objects.filter(request=waiting).exists)

    def test_by_a_key_that_is_elsewhere_says_what_to_do(self, signed_in: SignIn, scene: Scene) -> None:
        waiting = beside(lambda: ChangeRequest.objects.get(target="limit:gross_fraction@firm"))
        beside(lambda: key_elsewhere(scene))
        page = with_key(signed_in(scene.approver).new_page())
        page.goto(reverse("request", args=[waiting.pk]))

        page.get_by_role("button", name="Approve with your key").click()

        expect(page.locator("[data-told]")).to_contain_text("Nothing was sent; try again.")
        assert not beside(Vote.objects.filter(request=waiting).exists)
