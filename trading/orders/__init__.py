"""The one writer of signals, intents, orders and fills: recording, submission, reports, cancels."""

from trading.orders.adjusting import Adopted, Entry, adopt, book_entry
from trading.orders.bulk import apply_reports
from trading.orders.canceling import NO_ID, Send, cancel, one_by_one, request_cancel, request_cancels
from trading.orders.reading_back import Urgent, final_report, reports_of, seen_by_client_id, until_final
from trading.orders.recording import Decided, Going, Proposal, record_decision, record_signal
from trading.orders.reports import Heard, Outcome, apply_fills, apply_report, unseen
from trading.orders.resolving import LONGEST_CHAIN, ask_about, resolve, unresolved
from trading.orders.submission import HESITATION, OnTheWire, land, leave, send

__all__ = [
    "HESITATION",
    "LONGEST_CHAIN",
    "NO_ID",
    "Adopted",
    "Decided",
    "Entry",
    "Going",
    "Heard",
    "OnTheWire",
    "Outcome",
    "Proposal",
    "Send",
    "Urgent",
    "adopt",
    "apply_fills",
    "apply_report",
    "apply_reports",
    "ask_about",
    "book_entry",
    "cancel",
    "final_report",
    "land",
    "leave",
    "one_by_one",
    "record_decision",
    "record_signal",
    "reports_of",
    "request_cancel",
    "request_cancels",
    "resolve",
    "seen_by_client_id",
    "send",
    "unresolved",
    "unseen",
    "until_final",
]
