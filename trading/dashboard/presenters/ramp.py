"""The stage page: where a live account stands on the ramp, what each stage allows, and why it can or cannot rise."""

from typing import Any

from risk import policy, ramp, stages, wording
from risk.models import ChangeRequest
from risk.post_trade import ramping
from risk.post_trade.ramping import StageSession
from risk.stages import Stage
from risk.standing import Unjudgeable
from trading import staging
from trading.choices import Mode
from trading.dashboard import words
from trading.dashboard.presenters import uses
from trading.dashboard.presenters.market_clock import DeskTime
from trading.models import Account

TITLES = {
    Stage.PAPER: "paper",
    Stage.FIRST: "first live orders",
    Stage.SECOND: "second stage",
    Stage.THIRD: "third stage",
    Stage.FULL: "full size",
}
_SHOWN = 20


def read(account: Account, time: DeskTime) -> dict[str, Any]:
    """Everything the page shows of one account."""
    held = ramp.held(account.number)
    return {
        "account": account,
        "live": account.mode == Mode.LIVE,
        "stage": held.name,
        "title": TITLES[Stage(held.name)],
        "ladder": [_step(stage, held.name) for stage in Stage],
        "limits": [_limit(name) for name in stages.CAPS],
        "lower": [{"name": each, "title": TITLES[each]} for each in Stage if each < held.name],
        "moves": [_move(each, time) for each in ramp.moves(account.number)[:_SHOWN]],
        **(_rise(account, time) if account.mode == Mode.LIVE else {}),
    }


def line(account: Account) -> str:
    """For the risk page: the stage in a few words; empty for a paper account."""
    if account.mode != Mode.LIVE:
        return ""
    held = ramp.held(account.number)
    return f"{held.name}, {TITLES[Stage(held.name)]}"


def _rise(account: Account, time: DeskTime) -> dict[str, Any]:
    known = staging.ramped(account)
    try:
        terms, unknown = ramping.terms(known), ""
    except Unjudgeable as blind:
        terms, unknown = (), blind.sentence
    open_one = ChangeRequest.objects.filter(kind=ramp.KIND, target=f"stage:{account.number}").open(time.wall).first()
    sessions = known.sessions or ()
    return {
        "terms": [
            {"name": each.name, "met": each.met, "sentence": each.sentence, "tone": "" if each.met else "warn"}
            for each in terms
        ],
        "unknown": unknown,
        "may_rise": bool(terms) and all(each.met for each in terms),
        "next": stages.above(known.stage),
        "asked": open_one,
        "sessions": [_session(each) for each in sessions[: ramping.SESSIONS]],
    }


def _session(each: StageSession) -> dict[str, str]:
    fault = ramping.fault_of(each)
    return {"date": f"{each.session_date}", "tone": "bad" if fault else "ok", "word": fault or "no fault"}


def _step(stage: Stage, held: str) -> dict[str, Any]:
    return {"name": stage.value, "title": TITLES[stage], "here": stage == held, "passed": stage < held}


def _limit(name: str) -> dict[str, Any]:
    bound = policy.BOUNDS[name]
    caps = [uses.figure(bound.unit, stages.cap(stage, name)) for stage in Stage]
    return {"title": wording.title(name), "caps": caps, "ceiling": uses.figure(bound.unit, bound.ceiling)}


def _move(each: Any, time: DeskTime) -> dict[str, Any]:
    up = each.to_stage > each.from_stage
    return {
        "says": f"{each.from_stage} → {each.to_stage}",
        "tone": "ok" if up else "bad",
        "at": words.moment(each.at, words.exchange_date(time.wall)),
        "by": each.by,
        "reason": each.reason,
        "request": each.change_id,
    }
