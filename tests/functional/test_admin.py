"""The admin reads the record, links it, and changes accounts and strategies only with a reason."""

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AuditEvent
from config import people as roles
from tests import desk
from tests.desk import house
from trading.models import Account, Order, OrderIntent, Strategy

MODELS = sorted(str(model._meta.model_name) for model in admin.site._registry if model._meta.app_label == "trading")


@pytest.fixture
def administrator(scene: desk.Scene, client: Client) -> Client:
    client.force_login(house.person("amal", roles.ADMINISTRATOR))
    return client


@pytest.fixture
def risk_officer(scene: desk.Scene, client: Client) -> Client:
    client.force_login(house.person("rita", roles.RISK_OFFICER))
    return client


class TestLists:
    @pytest.mark.parametrize("model", MODELS)
    def test_open_with_the_mode_on_top(self, administrator: Client, model: str) -> None:
        answer = administrator.get(reverse(f"admin:trading_{model}_changelist"))

        assert answer.status_code == 200
        assert "desk-strip paper" in answer.content.decode()

    @pytest.mark.parametrize("model", MODELS)
    def test_can_be_searched(self, administrator: Client, model: str) -> None:
        assert administrator.get(reverse(f"admin:trading_{model}_changelist"), {"q": "AAPL"}).status_code == 200

    def test_do_not_ask_per_row(self, administrator: Client) -> None:
        address = reverse("admin:trading_order_changelist")
        administrator.get(address)
        with CaptureQueriesContext(connection) as few:
            administrator.get(address, {"status": "canceled"})
        with CaptureQueriesContext(connection) as many:
            administrator.get(address)

        assert len(many) <= len(few)


class TestRecord:
    @pytest.mark.parametrize("model", [OrderIntent, Order])
    def test_is_never_changed_by_hand(self, administrator: Client, model: type[OrderIntent | Order]) -> None:
        row = model.objects.order_by("pk").first()
        assert row is not None
        name = row._meta.model_name

        added = administrator.get(reverse(f"admin:trading_{name}_add"))
        deleted = administrator.post(reverse(f"admin:trading_{name}_delete", args=[row.pk]), {"post": "yes"})

        assert (added.status_code, deleted.status_code) == (403, 403)

    def test_leads_from_an_intent_to_orders_fills_and_events(self, scene: desk.Scene, administrator: Client) -> None:
        page = administrator.get(reverse("admin:trading_orderintent_change", args=[scene.filled.pk])).content.decode()

        order = scene.filled.orders.get(parent=None)
        assert reverse("admin:trading_order_change", args=[order.pk]) in page
        assert reverse("admin:trading_fill_change", args=[order.fills.get().pk]) in page
        assert reverse("intent", args=[scene.filled.pk]) in page
        assert f"{reverse('admin:audit_auditevent_changelist')}?q={scene.filled.pk}" in page


class TestAccountForm:
    def test_needs_a_reason(self, scene: desk.Scene, administrator: Client) -> None:
        address = reverse("admin:trading_account_change", args=[scene.account.pk])

        answer = administrator.post(address, {"name": "first", "trade_interval_minutes": 1})

        assert "Say why" in answer.content.decode()
        assert Account.objects.get(pk=scene.account.pk).name == "demo"

    def test_keeps_who_and_why(self, scene: desk.Scene, administrator: Client) -> None:
        address = reverse("admin:trading_account_change", args=[scene.account.pk])

        administrator.post(address, {"name": "first", "trade_interval_minutes": 5, "reason": "slower is enough"})

        kept = Account.history.filter(id=scene.account.pk).latest("history_id")
        assert (kept.name, kept.history_user.username, kept.history_change_reason) == (
            "first", "amal", "slower is enough",
        )  # fmt: skip
        assert AuditEvent.objects.get(event="account.changed").person == "amal"

    def test_opens_a_new_account_with_its_mode_for_ever(self, administrator: Client) -> None:
        administrator.post(
            reverse("admin:trading_account_add"),
            {"number": "9LIVE", "name": "real", "kind": "live", "trade_interval_minutes": 1, "reason": "phase 2"},
        )

        account = Account.objects.get(number="9LIVE")
        assert (account.mode, account.state.equity) == ("live", None)


class TestStrategyForm:
    def fields(self, scene: desk.Scene, **changes: str) -> dict[str, str]:
        return {
            "account": str(scene.account.pk), "name": "trend following", "rule": "trend_following", "parameters": "{}",
            "symbols": "AAPL, MSFT", "risk_fraction": "0.001", "active": "on", "reason": "fewer names", **changes,
        }  # fmt: skip

    def test_makes_a_new_version_of_what_changes(self, scene: desk.Scene, risk_officer: Client) -> None:
        risk_officer.post(reverse("admin:trading_strategy_change", args=[scene.strategy.pk]), self.fields(scene))

        changed = Strategy.objects.get(pk=scene.strategy.pk)
        assert (changed.version, changed.symbols) == (4, ["AAPL", "MSFT"])

    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [
            ("symbols", "AAPL, B@NG", "B@NG is no symbol; write it like AAPL or BRK.B."),
            ("parameters", '{"nonsense": 1}', "There is no parameter"),
            ("parameters", "{", "valid JSON"),
            ("rule", "magic", "Select a valid choice"),
        ],
    )
    def test_names_what_it_can_not_use(
        self, scene: desk.Scene, risk_officer: Client, field: str, value: str, sentence: str
    ) -> None:
        address = reverse("admin:trading_strategy_change", args=[scene.strategy.pk])

        answer = risk_officer.post(address, self.fields(scene, **{field: value}))

        assert sentence in answer.content.decode()
        assert Strategy.objects.get(pk=scene.strategy.pk).version == 3
