"""Preflight: the checklist that must be green before a session, and before anyone may ask to go live."""

from trading.preflight.items import FAIL, PASS, WARNING, Item
from trading.preflight.runner import run

__all__ = ["FAIL", "PASS", "WARNING", "Item", "run"]
