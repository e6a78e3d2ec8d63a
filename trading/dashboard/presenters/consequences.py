"""What carrying a request out leads to, in the sentences its approver reads before deciding. Pure."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from risk import adopting, halts, limits, membership, ramp, wording
from risk.models import ChangeRequest
from trading import golive, strategy_changes
from trading.choices import Mode
from trading.reconciling import cases

Payload = Mapping[str, Any]


def of(request: ChangeRequest) -> str:
    """What approving leads to; one to four sentences, with what two people may want to know of this very request."""
    told = _ALWAYS.get(request.kind)
    if told is None:
        tell = _OF_ITS_CONTENT.get(request.kind)
        told = tell(request.payload) if tell else "The change is carried out once, exactly as shown here."
    return told


def _strategy(payload: Payload) -> str:
    old, new = payload["old"], payload["new"]
    symbols = ", ".join(new["symbols"]) or "no symbol"
    begins = "It trades" if new["active"] and not old["active"] else "The new version trades"
    risk = wording.percent(Decimal(new["risk_fraction"]))
    said = [f"{begins} {symbols} from the next pass on and may lose up to {risk} of equity at the stop of each entry."]
    if added := [symbol for symbol in new["symbols"] if symbol not in old["symbols"]]:
        said.append(f"Entries in {', '.join(added)} are denied unless the allow-list has it.")
    if old["name"] != new["name"]:
        said.append(f"Limits and halts set for the strategy {old['name']} do not reach it under its new name.")
    if payload.get("mode") == Mode.LIVE:
        said.append("The go-live approval ends: the account sends no entry until two people arm it anew.")
    else:
        said.append("It trades on paper, with no money.")
    return " ".join(said)


def _enrolment(payload: Payload) -> str:
    name = payload["name"]
    if payload.get("member") == "a member already":
        return (
            f"{name} signs in with one account more, which counts from 72 hours after it is carried out. With any of"
            " them it is the same person: who asks with one does not approve with another."
        )
    votes = "decides what others ask for" if payload["approves"] else "never votes"
    return f"From 72 hours after it is carried out {name} may ask for changes and {votes}."


def _member(payload: Payload) -> str:
    name, old, new = payload["name"], payload["old"], payload["new"]
    said = [] if old["active"] or not new["active"] else [f"{name} is back at once and may ask for changes."]
    if new["approves"] and not old["approves"]:
        said.append(f"From 72 hours after it is carried out {name} decides what others ask for.")
    elif new["approves"]:
        said.append(f"{name} decides again what others ask for.")
    return " ".join(said)


def _factor(payload: Payload) -> str:
    kind = payload["factor"]["kind"]
    return f"A vote confirmed with this {kind} counts as {payload['name']}'s, from 72 hours after it was enrolled."


_ALWAYS = {
    limits.KIND: "The new limit judges every order from the moment it is carried out; the old version stays on record.",
    halts.KIND: "Entries are allowed again in the scope of this halt as soon as the release is carried out.",
    golive.KIND: "The account may send live orders until the approval ends or anything it covers changes.",
    cases.KIND: "Our books are adjusted by an appended entry and the case is closed. Nothing is traded.",
    ramp.KIND: "Its limits count for as much as the new stage allows. Going live again takes a new request.",
    adopting.KIND: "Limits may be loosened under the new policy, as far as its ceilings, from 24 hours afterwards.",
}
_OF_ITS_CONTENT: dict[str, Callable[[Payload], str]] = {
    strategy_changes.KIND: _strategy,
    membership.ENROL: _enrolment,
    membership.CHANGE: _member,
    membership.ADMIT: _factor,
}
