"""The trading record in the admin: searched, filtered and read; accounts and strategies alone have forms."""

from trading.admin import accounts, market, operations, orders, positions, strategies

__all__ = ["accounts", "market", "operations", "orders", "positions", "strategies"]
