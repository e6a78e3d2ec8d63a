"""Instruments and bars."""

from django.contrib import admin
from unfold.contrib.filters.admin import RangeDateTimeFilter

from trading.admin.figures import FiguresAdmin
from trading.models import Bar, Instrument


@admin.register(Instrument)
class InstrumentAdmin(FiguresAdmin):
    list_display = ("symbol", "name", "exchange", "sector", "tradable", "leveraged", "restricted_until", "checked_at")
    list_filter = ("tradable", "leveraged", "exchange", "sector")
    search_fields = ("symbol", "name")
    ordering = ("symbol",)


@admin.register(Bar)
class BarAdmin(FiguresAdmin):
    list_display = ("start_at", "instrument", "timeframe", "open", "high", "low", "close", "volume")
    list_filter = (("start_at", RangeDateTimeFilter), "timeframe", "instrument")
    search_fields = ("=instrument__symbol",)
    ordering = ("-start_at", "instrument")
