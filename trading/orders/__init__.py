"""The one writer of signals, intents, orders and fills: recording, submission, reports, cancels."""

from trading.orders.canceling import request_cancel
from trading.orders.recording import Approved, Proposal, record_decision, record_signal
from trading.orders.reports import Heard, Outcome, apply_fills, apply_report, unseen
from trading.orders.resolving import ask_about, unresolved
from trading.orders.submission import submit

__all__ = [
    "Approved",
    "Heard",
    "Outcome",
    "Proposal",
    "apply_fills",
    "apply_report",
    "ask_about",
    "record_decision",
    "record_signal",
    "request_cancel",
    "submit",
    "unresolved",
    "unseen",
]
