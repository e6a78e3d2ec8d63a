"""The overview page: mode, loss against limits, what needs a person, what is held, what just happened."""

from typing import Any

from trading.dashboard import words
from trading.dashboard.presenters import (
    attention,
    candles,
    equity,
    holdings,
    intents,
    processes,
    record,
    signoffs,
    uses,
)
from trading.dashboard.presenters.market_clock import DeskTime
from trading.models import Account, AccountState, ReconciliationRun
from trading.reading import blotter

CHIPS = ("all", "working", "unknown", "filled", "denied")
_BLOTTER_ROWS = 9


def read(account: Account, time: DeskTime, *, symbol: str, group: str, span: str, person: Any) -> dict[str, Any]:
    """Everything the page shows, in plain values; the number of queries does not depend on how much there is."""
    today = time.session_date
    state = AccountState.objects.filter(account=account).first()
    held = holdings.read(account)
    hero = equity.hero(account, state, time)
    standing = uses.measure(account, held, hero["equity"], hero["mark"], time)
    positions = holdings.table(held, time)
    symbols = candles.symbols(account, [row["symbol"] for row in positions])
    shown = symbol if symbol in symbols else next(iter(symbols), "")
    wanted = blotter.Filter(group=group if group in CHIPS else "all", first=today, last=today)
    counts = blotter.counts(account, wanted)
    return {
        "hero": hero,
        "span": span if span in equity.RANGES else "day",
        "spans": equity.RANGES,
        "tiles": uses.tiles(standing, uses.in_force(account)),
        "symbols": symbols,
        "chart": candles.heading(account, shown, _row_of(positions, shown)) if shown else None,
        "positions": positions,
        "equal": _equal(account, time),
        "group": wanted.group,
        "chips": [
            {"name": chip, "count": counts[chip] if chip != "all" else 0} for chip in CHIPS if _worth(chip, counts)
        ],
        "rows": [intents.line(row, today) for row in blotter.latest(account, wanted, _BLOTTER_ROWS)],
        "requests": signoffs.waiting(person, time.wall),
        "attention": attention.items(account, held, processes.health(time.wall), time.wall),
        "feed": record.feed(account, words.exchange_date(time.wall)),
        "simulated": time.simulated,
        "session_date": today.isoformat(),
    }


def _worth(chip: str, counts: dict[str, int]) -> bool:
    return chip == "all" or counts[chip] > 0


def _row_of(positions: list[dict[str, Any]], symbol: str) -> dict[str, Any] | None:
    return next((row for row in positions if row["symbol"] == symbol), None)


def _equal(account: Account, time: DeskTime) -> dict[str, str]:
    """How the latest comparison with the broker ended."""
    run = ReconciliationRun.objects.filter(account=account).order_by("-ran_at").first()
    if run is None:
        return {"words": "not compared with the broker yet", "tone": "amber"}
    at = words.moment(run.ran_at, words.exchange_date(time.wall))
    if run.outcome == ReconciliationRun.Outcome.CLEAN:
        return {"words": f"equal to the broker at {at}", "tone": ""}
    return {"words": f"{run.get_outcome_display()} at {at}", "tone": "dn"}
