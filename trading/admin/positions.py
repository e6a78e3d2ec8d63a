"""Positions, lots, what closed them, and the equity curve."""

from django.contrib import admin
from unfold.contrib.filters.admin import RangeDateTimeFilter

from trading.admin.figures import FiguresAdmin
from trading.models import EquityMark, Lot, LotClosing, Position


@admin.register(Position)
class PositionAdmin(FiguresAdmin):
    list_display = ("account", "instrument", "quantity", "average_price", "realised_pnl", "updated_at")
    list_filter = ("account", "mode")
    search_fields = ("instrument__symbol",)
    ordering = ("account", "instrument__symbol")


@admin.register(Lot)
class LotAdmin(FiguresAdmin):
    list_display = ("opened_at", "account", "instrument", "quantity", "remaining", "price")
    list_filter = (("opened_at", RangeDateTimeFilter), "account")
    search_fields = ("instrument__symbol",)
    ordering = ("-opened_at", "-id")


@admin.register(LotClosing)
class LotClosingAdmin(FiguresAdmin):
    list_display = ("closed_at", "lot", "quantity", "realised_pnl", "session_date")
    list_filter = (("closed_at", RangeDateTimeFilter), "session_date")
    search_fields = ("lot__instrument__symbol",)
    ordering = ("-closed_at", "-id")


@admin.register(EquityMark)
class EquityMarkAdmin(FiguresAdmin):
    list_display = ("at", "account", "equity", "cash", "day_pnl", "realised_pnl", "unrealised_pnl", "drawdown")
    list_filter = (("at", RangeDateTimeFilter), "account", "mode")
    search_fields = ("account__number",)
    ordering = ("-at",)
