"""What stands around every page: the mode, where prices come from, and halts that stop something."""

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from pytest_django import Settings

from risk import halts
from tests import desk


class TestMode:
    def test_is_simulated_before_anybody_signs_in(self, client: Client, settings: Settings, db: None) -> None:
        settings.TRADING_MODE = "live"
        settings.VENUE_CONTROL_URL = "http://127.0.0.1:1"

        page = client.get(reverse("account_login")).content.decode()

        assert "SIMULATED · NO REAL MONEY" in page
        assert "LIVE" not in page

    def test_is_real_money_at_the_real_broker(self, client: Client, settings: Settings, db: None) -> None:
        settings.TRADING_MODE = "live"
        settings.VENUE_CONTROL_URL = ""

        assert "LIVE · REAL MONEY" in client.get(reverse("account_login")).content.decode()

    def test_of_a_live_account_of_the_venue_says_that_it_is_simulated(
        self, scene: desk.Scene, operator: Client
    ) -> None:
        live = type(scene.account).objects.create(number="814400009", mode="live", created_at=timezone.now())
        operator.post(reverse("choose-account"), {"account": live.pk, "next": "/"})

        page = operator.get(reverse("desk")).content.decode()

        assert "<b>LIVE</b>" in page
        assert "REAL MONEY" not in page
        assert "account 814400009 · simulated venue, " in page

    def test_tells_where_prices_come_from_in_one_line(self, scene: desk.Scene, operator: Client) -> None:
        page = operator.get(reverse("desk")).content.decode()

        assert "simulated venue, real daily bars of 2012-05-09, minutes drawn by seed 7" in page


class TestHalts:
    def test_leave_the_latch_of_the_drill_out_of_the_banner(self, scene: desk.Scene, operator: Client) -> None:
        halts.engage(
            level="H2", scope_kind="strategy", scope_key="drill", reason="proof", by="drill", now=timezone.now()
        )

        page = operator.get(reverse("risk"))

        assert page.context["frame"]["halts"] == []
        assert "own latch stands since" in page.content.decode()
        assert [row for row in page.context["halts"] if row["open"]] == []


class TestSigningIn:
    def test_offers_no_password_by_mail(self, client: Client, db: None) -> None:
        page = client.get(reverse("account_login")).content.decode()

        assert "orgot" not in page

    @pytest.mark.parametrize("address", ["password/reset/", "password/reset/key/1-x/", "email/", "password/set/"])
    def test_has_no_other_way_in(self, client: Client, db: None, address: str) -> None:
        assert client.get(f"/accounts/{address}").status_code == 404

    def test_knows_no_address_of_a_reset(self) -> None:
        with pytest.raises(NoReverseMatch):
            reverse("account_reset_password")
