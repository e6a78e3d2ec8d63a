"""What a change request asks for, in words: verb, object, old and new, content, evidence. No query."""

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from risk import adopting, halts, limits, membership, policy, ramp, wording
from risk.models import ChangeRequest
from trading import golive, strategy_changes
from trading.dashboard import modes, words
from trading.dashboard.presenters import uses
from trading.reconciling import cases

_FINGERPRINT = re.compile(r"[0-9a-f]{20,}")
_VERBS = {
    limits.KIND: "Loosen",
    halts.KIND: "Release",
    golive.KIND: "Go live with",
    strategy_changes.KIND: "Change",
    membership.ENROL: "Enrol",
    membership.CHANGE: "Reinstate",
    membership.ADMIT: "Admit",
    adopting.KIND: "Adopt",
    cases.KIND: "Accept the broker's side of",
    ramp.KIND: "Let rise",
}


def verb(request: ChangeRequest) -> str:
    """What is to be done, for instance "Loosen"."""
    if request.kind == membership.CHANGE and request.payload["old"]["active"]:
        return "Give the vote to"
    return _VERBS.get(request.kind, request.kind.replace(".", ": ").replace("_", " ").capitalize())


def target(request: ChangeRequest) -> str:
    """What it is to be done to, for instance "gross fraction of the firm"."""
    payload = request.payload
    if request.kind == limits.KIND:
        scope = "the firm" if payload["scope_kind"] == "firm" else f"{payload['scope_kind']} {payload['scope_key']}"
        return f"{wording.title(payload['name'])} of {scope}"
    if request.kind == halts.KIND:
        return f"halt {payload['level']} on {payload['scope']}"
    if request.kind == membership.ADMIT:
        return f"the {payload['factor']['kind']} of {payload['name']} to votes"
    if request.kind == ramp.KIND:
        return f"account {request.account}"
    if "name" in payload:
        return str(payload["name"])
    return request.target.replace(":", " ")


def difference(request: ChangeRequest) -> dict[str, str] | None:
    """Old and new value, where one thing changes; lists have room for no more."""
    rows = [row for row in differences(request) if row["changed"]]
    return rows[0] if len(rows) == 1 else None


def differences(request: ChangeRequest) -> list[dict[str, Any]]:
    """What each field is and is to be: name, old, new, and whether they differ."""
    payload = request.payload
    if request.kind == limits.KIND:
        unit = payload["unit"]
        end = payload.get("until")
        lasts = f" until {wording.moment(datetime.fromisoformat(end))}" if end else ""
        new = f"{_figure(unit, payload['new'])}{lasts}"
        return [_row(wording.title(payload["name"]), _figure(unit, payload["old"]), new)]
    if "differences" in payload:
        pairs = {name: text.partition(" → ") for name, text in payload["differences"].items()}
        return [_row(wording.title(name), old, new) for name, (old, _, new) in pairs.items()]
    old, new = payload.get("old"), payload.get("new")
    if isinstance(old, dict) and isinstance(new, dict):
        names = [*old, *(name for name in new if name not in old)]
        return [_row(_field(name), _value(name, old.get(name)), _value(name, new.get(name))) for name in names]
    if "new" in payload:
        return [_row(_FIELDS.get(request.kind, "state"), plain(old), plain(new))]
    if request.kind == membership.ENROL:
        votes = "yes, after 72 hours" if payload["approves"] else "no"
        return [_row("belongs to the desk", "no", "yes"), _row("votes", "no", votes)]
    return [_row("sends live orders", "no", "yes")] if request.kind == golive.KIND else []


_FIELDS = {
    halts.KIND: "trading",
    membership.ADMIT: "second factor",
    adopting.KIND: "policy",
    cases.KIND: "books",
    ramp.KIND: "stage",
}


_NAMES = {"active": "acts", "approves": "votes", "risk_fraction": "equity at risk per entry"}
"""Fields of people and strategies for people."""


def _field(name: str) -> str:
    return _NAMES.get(name, name.replace("_", " "))


def _value(name: str, value: Any) -> str:
    return wording.percent(Decimal(value)) if name == "risk_fraction" and value else plain(value)


def _row(name: str, old: str, new: str) -> dict[str, Any]:
    return {"name": name, "old": old, "new": new, "changed": old != new}


def content(request: ChangeRequest) -> list[dict[str, str]]:
    """Everything that is to hold afterwards, as it is hashed."""
    if request.kind == limits.KIND:
        return _limit(request.payload)
    if request.kind == golive.KIND:
        return _live(request.payload)
    # Old and new stand above the list already.
    left_out = {"evidence", "old", "new", "differences", "name"} if differences(request) else {"evidence"}
    found = {key: value for key, value in request.payload.items() if key not in left_out and value != ""}
    return [line for key, value in found.items() for line in _lines(key, value)]


def _limit(payload: dict[str, Any]) -> list[dict[str, str]]:
    scope = "the firm" if payload["scope_kind"] == "firm" else f"{payload['scope_kind']} {payload['scope_key']}"
    unit = payload["unit"]
    return [
        {"name": "Limit", "value": f"{wording.title(payload['name'])} ({payload['name']})"},
        {"name": "For", "value": scope},
        {"name": "Ceiling in code", "value": _figure(unit, payload["ceiling"])},
    ]


def _live(payload: dict[str, Any]) -> list[dict[str, str]]:
    """What an approval of going live covers: any change of it takes the approval back."""
    covers = dict(payload.get("covers") or {})
    strategies, held = covers.pop("strategies", []), covers.pop("limits", [])
    rest = {key: value for key, value in payload.items() if key not in ("covers", "evidence") and value != ""}
    return [
        *(line for key, value in {**covers, **rest}.items() for line in _lines(key, value)),
        *({"name": "strategy", "value": _strategy(each)} for each in strategies),
        *({"name": f"limit of {_scope(each['scope'])}", "value": _covered(each)} for each in held),
    ]


def _strategy(each: dict[str, Any]) -> str:
    details = plain({key: value for key, value in each.items() if key not in ("name", "version") and value})
    return f"{each.get('name', '')} v{each.get('version', '')}: {details}"


def _covered(each: dict[str, Any]) -> str:
    bound = policy.BOUNDS.get(each["name"])
    value = _figure(bound.unit, each["value"]) if bound else plain(each["value"])
    return f"{wording.title(each['name'])} {value} (v{each['version']})"


def _scope(text: str) -> str:
    kind, _, key = text.partition(":")
    return f"{kind} {key}" if key else "the firm"


def evidence(request: ChangeRequest) -> list[dict[str, str]]:
    """What the request rests on."""
    found = request.payload.get("evidence")
    if isinstance(found, list):
        return [{"name": each["name"], "value": plain(each["value"])} for each in found]
    if isinstance(found, dict):
        return [line for key, value in found.items() for line in _lines(key, value)]
    return [{"name": "evidence", "value": plain(found)}] if found else []


def facts(request: ChangeRequest) -> list[dict[str, str]]:
    """Where and against what it was asked for."""
    return [
        {"name": "Written against", "value": _version(request.base_version)},
        {"name": "Environment", "value": ", ".join(_place(request))},
        {"name": "Build", "value": request.build},
        {"name": "Policy", "value": request.policy_version},
        {"name": "Asked with the account", "value": request.requested_account},
    ]


def plain(value: Any) -> str:
    """A value of the payload as text."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(plain(each) for each in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{key.replace('_', ' ')} {plain(each)}" for key, each in value.items()) or "none"
    return str(value)


def _lines(key: str, value: Any) -> list[dict[str, str]]:
    """One line, or for a list of objects one line each, so that a person can compare them."""
    name = key.replace("_", " ")
    if isinstance(value, dict):
        return [line for inner, each in value.items() for line in _lines(f"{name} {inner}", each)]
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        return [{"name": f"{name} {index}", "value": plain(each)} for index, each in enumerate(value, 1)]
    return [{"name": name, "value": plain(value)}]


def _version(text: str) -> str:
    """A number says that it is a version; a fingerprint is shown as far as people compare it."""
    number, _, standing = text.partition(" ")
    if number.isdigit():
        return f"version {number}, {standing}" if standing else f"version {number}"
    return f"{text[:16]}…" if _FINGERPRINT.fullmatch(text) else text


def _place(request: ChangeRequest) -> list[str]:
    """Mode, whose venue, and the account where one is named."""
    named = [f"account {request.account}"] if request.account else []
    return [request.environment, *(["simulated venue"] if modes.simulated() else []), *named]


def _figure(unit: str, text: str | None) -> str:
    if text is None:
        return words.NOTHING
    try:
        return uses.figure(unit, Decimal(text))
    except InvalidOperation:
        return text
