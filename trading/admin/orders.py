"""Intents, orders and fills, linked to each other, to their verdict, to the record and to the desk."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from audit.models import AuditEvent
from trading.admin import links
from trading.admin.figures import FiguresAdmin
from trading.models import Fill, FillSighting, Order, OrderIntent

STATUS_COLOURS = {
    "filled": "success",
    "accepted": "info",
    "submitted": "info",
    "held": "info",
    "partly filled": "warning",
    "cancel requested": "warning",
    "replace requested": "warning",
    "unknown": "primary",
    "rejected": "danger",
}


@admin.register(OrderIntent)
class OrderIntentAdmin(FiguresAdmin):
    list_display = (
        "decided_at", "symbol", "side", "quantity", "limit_price", "purpose", "by", "verdict_label", "denial_sentence",
    )  # fmt: skip
    list_filter = (
        ("decided_at", RangeDateTimeFilter), "account", "approved", "denial_code", "strategy", "purpose", "mode",
    )  # fmt: skip
    search_fields = ("=id", "instrument__symbol", "denial_code", "denial_sentence", "=pass_id", "by")
    ordering = ("-decided_at",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["story", "orders", "fills", "events", "denials", *super().get_fields(request, obj)]

    @display(description="symbol", ordering="instrument__symbol")
    def symbol(self, intent: OrderIntent) -> str:
        """The instrument's symbol."""
        return intent.instrument.symbol

    @display(description="verdict", ordering="approved", label={"approved": "success", "denied": "warning"})
    def verdict_label(self, intent: OrderIntent) -> str:
        """Approved or denied."""
        return "approved" if intent.approved else "denied"

    @admin.display(description="story on the desk")
    def story(self, intent: OrderIntent) -> SafeString:
        """Signal, verdict, order, fills and events on one page."""
        return links.to_desk("intent", "from signal to fills", intent.pk)

    @admin.display(description="orders")
    def orders(self, intent: OrderIntent) -> str:
        """The root order and its legs."""
        return links.listed(intent.orders.order_by("id"))

    @admin.display(description="fills")
    def fills(self, intent: OrderIntent) -> str:
        """What was done of it."""
        return links.listed(Fill.objects.filter(order__intent=intent).order_by("filled_at", "id"))

    @admin.display(description="record")
    def events(self, intent: OrderIntent) -> SafeString:
        """Its events, in a list."""
        return links.to_list(AuditEvent, "events of this intent", q=str(intent.pk))

    @admin.display(description="denials")
    def denials(self, intent: OrderIntent) -> str:
        """Every control that denied it, in words."""
        found = intent.verdict.get("denials", [])
        lines = ((each.get("control", ""), each.get("code", ""), each.get("sentence", "")) for each in found)
        return format_html_join(SafeString("<br>"), "{} <code>{}</code> {}", lines) or links.NOTHING


@admin.register(Order)
class OrderAdmin(FiguresAdmin):
    list_display = (
        "created_at", "symbol", "purpose", "side", "quantity", "filled_quantity", "filled_average_price",
        "status_label", "broker_order_id",
    )  # fmt: skip
    list_filter = (("created_at", RangeDateTimeFilter), "account", "status", "purpose", "type", "mode", "session_date")
    search_fields = ("=client_order_id", "=broker_order_id", "instrument__symbol", "reason")
    ordering = ("-created_at", "-id")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["intent_link", "legs", "fills", "events", *super().get_fields(request, obj)]

    @display(description="symbol", ordering="instrument__symbol")
    def symbol(self, order: Order) -> str:
        """The instrument's symbol."""
        return order.instrument.symbol

    @display(description="status", ordering="status", label=STATUS_COLOURS)
    def status_label(self, order: Order) -> str:
        """The status as a coloured word."""
        return order.get_status_display()

    @admin.display(description="intent")
    def intent_link(self, order: Order) -> str:
        """What was wanted."""
        return links.to(order.intent)

    @admin.display(description="legs")
    def legs(self, order: Order) -> str:
        """Protective orders of its bracket."""
        return links.listed(order.legs.order_by("id"))

    @admin.display(description="fills")
    def fills(self, order: Order) -> str:
        """What was done of it."""
        return links.listed(order.fills.order_by("filled_at", "id"))

    @admin.display(description="record")
    def events(self, order: Order) -> SafeString:
        """Its intent's events."""
        return links.to_list(AuditEvent, "events of its intent", q=str(order.intent_id))


@admin.register(Fill)
class FillAdmin(FiguresAdmin):
    list_display = ("filled_at", "symbol", "side", "quantity", "price", "cumulative_quantity", "order_link")
    list_filter = (("filled_at", RangeDateTimeFilter), "account", "side", "mode", "session_date")
    search_fields = ("instrument__symbol", "=order__client_order_id", "=order__broker_order_id")
    ordering = ("-filled_at", "-id")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["order_link", "sightings", *super().get_fields(request, obj)]

    @display(description="symbol", ordering="instrument__symbol")
    def symbol(self, fill: Fill) -> str:
        """The instrument's symbol."""
        return fill.instrument.symbol

    @admin.display(description="order")
    def order_link(self, fill: Fill) -> str:
        """The order it belongs to."""
        return links.to(fill.order, fill.order.get_purpose_display())

    @admin.display(description="heard by")
    def sightings(self, fill: Fill) -> str:
        """Every way it was heard."""
        return links.listed(fill.sightings.order_by("heard_at"))


@admin.register(FillSighting)
class FillSightingAdmin(FiguresAdmin):
    list_display = ("heard_at", "source", "broker_fill_id", "fill")
    list_filter = (("heard_at", RangeDateTimeFilter), "source")
    search_fields = ("=broker_fill_id",)
    ordering = ("-heard_at",)
