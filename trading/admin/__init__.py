"""The trading record in the admin: searched, filtered and read; accounts and strategies alone have forms."""

from trading.admin import accounts, limits, market, operations, orders, positions, strategies

__all__ = ["accounts", "limits", "market", "operations", "orders", "positions", "strategies"]
