"""Named places of the path at which a rig may end or freeze the process; in production a call does nothing.

Nothing here strikes: a rig replaces `reach` in processes of its own, and production refuses to start where a crash is
asked for. It lives at the lowest app, for every app has such places.
"""

from collections.abc import Callable

POINTS: dict[str, str] = {
    "lease.taken": "a worker has taken the account's lease",
    "lease.before_release": "its work is done and the lease still held",
    "pass.opened": "the pass's row is committed, nothing else is done",
    "pass.figures_kept": "the broker's figures are stored, nothing is judged yet",
    "pass.before_close": "all is sent, the pass still counts as running",
    "heal.asked": "orders without an answer were asked for",
    "heal.news_applied": "working orders are up to date, fills are not read yet",
    "heal.fills_applied": "missing fills are booked, the instant heard up to is not stored",
    "signal.recorded": "the strategy's answer is kept, nothing is decided",
    "intent.before_commit": "intent, verdict and order are written and not committed",
    "intent.committed": "the intent stands, and an approved order with it as sent; nothing has left",
    "order.marked": "the order is written as sent, and that is not committed",
    "order.saved_before_wire": "saved as sent, nothing has left",
    "order.answered": "the broker has answered, nothing of it is saved",
    "order.outcome_saved": "the outcome of the send is committed",
    "report.before_commit": "what the broker told of an order is written and not committed",
    "report.committed": "what the broker told of an order is committed",
    "fill.before_commit": "fill, lots, position and cash are written and not committed",
    "fill.committed": "a fill read by REST is committed",
    "inbox.kept": "a message of the stream is kept and not applied",
    "inbox.applied": "a message of the stream is applied and not marked so",
    "inbox.finished": "a message of the stream is done with",
    "stream.owned": "a process owns the order streams and does not listen yet",
    "guard.let_go": "the cancel of a stale entry is asked for, its filled part lies bare",
    "guard.before_arming": "what lies bare is known, nothing is proposed to the gate",
    "guard.armed": "what lay bare is armed",
    "cancel.recorded": "the wish to cancel is on the record, nothing has left",
    "cancel.sent": "the cancel has left, nothing is read back",
    "cancel.read_back": "the canceled orders were read back",
    "exit.freed": "the protective legs are gone, the exit is not decided",
    "halt.before_commit": "the halt is written and not committed",
    "halt.latched": "the halt is committed, no order was canceled",
    "halt.cancel_all_sent": "the broker's one cancel-all has left",
    "halt.cancels_sent": "the cancels of entries have left one by one",
    "halt.confirmed": "the broker has confirmed, no receipt is stored",
    "halt.receipt_stored": "the receipt is stored and not committed",
    "rearm.canceled": "every stop went with the cancel-all, none is sent again",
    "rearm.sent": "one stop is sent again",
    "flatten.freed": "what held a position's shares is canceled, it is not closed",
    "flatten.sent": "the closing order has left",
    "direct.file_written": "the file of a direct halt lies there, nothing is canceled",
    "direct.stopped": "the broker was told, the file does not say so yet",
    "direct.before_removal": "a direct halt is on the record, its file is still there",
    "reconcile.compared": "both sides were read, nothing is written",
    "reconcile.break_written": "a case is written and not committed",
    "reconcile.written": "the comparison is committed",
    "close.reported": "the daily report is written and not committed",
    "alert.gathered": "alerts are drawn and queued, none is sent",
    "alert.sent": "an alert has left, and that is not stored",
    "seal.before_commit": "a batch of the record is sealed and not committed",
    "seal.written": "the seal is committed",
    "budget.granted": "calls are drawn from the shared budget and not used",
    "approval.consumed": "an approval is used up, its act is not committed",
    "limit.changed": "a limit has its new version, which is not committed",
}
"""Name -> how things stand there."""


def _go_on(name: str) -> None:
    """Nothing."""


reach: Callable[[str], None] = _go_on
"""Called at each place with its name. Callers name it through this module, so that a rig may put its own here."""
