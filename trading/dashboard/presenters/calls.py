"""How the account stands with its broker's request limit, and which groups of calls are held back after failures."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from trading.broker import credentials, factory
from trading.dashboard import words
from trading.models import Account

if TYPE_CHECKING:
    from trading.broker.standing import Standing

GROUPS = {
    "submit": "sending orders",
    "cancel": "cancels and closes",
    "orders": "reading orders and fills",
    "account": "reading the account",
    "market": "clock, calendar and assets",
    "prices": "prices",
}

_TONES = ("", "warn", "bad")


def read(account: Account, now: datetime) -> list[dict[str, Any]]:
    """One entry per host the account is reached at; none where its keys are not configured."""
    try:
        standings = factory.standings(account.number)
    except (factory.NoSuchAccount, credentials.DoNotBelongTogether):
        return []
    return [described(each, now) for each in standings]


def line(account: Account | None, now: datetime) -> dict[str, str] | None:
    """The worst host of the account in a few words, for the foot of every page."""
    hosts = read(account, now) if account else []
    if not hosts:
        return None
    # Of equals the first, which is where orders go.
    worst = max(hosts, key=lambda host: _TONES.index(host["tone"]))
    title = " · ".join(f"{host['host']}: {'; '.join(host['lines'])}" for host in hosts)
    return {"tone": worst["tone"], "short": worst["short"], "title": title}


def described(standing: "Standing", now: datetime) -> dict[str, Any]:
    """One host in words: how it is (tone), in short, and in full lines."""
    broken = [_circuit(group, each, now) for group, each in standing.open_groups.items()]
    tone, short, budget = _budget(standing, now)
    if broken:
        tone, short = "bad", f"{words.plural(len(broken), 'group')} of calls held back"
    lines = [budget, *broken]
    if standing.circuits is None:
        lines.append("Redis does not answer: each process judges failures by itself")
        tone = tone or "warn"
    return {"host": standing.host, "tone": tone, "short": short, "lines": lines}


def _budget(standing: "Standing", now: datetime) -> tuple[str, str, str]:
    """(tone, in two words, in a sentence)"""
    if not standing.known:
        sentence = "the request budget cannot be read: only cancels and halts pass, and few"
        return "bad", "budget not known", sentence
    if standing.limit is None:
        return "", "no limit told", "the broker told no limit of requests"
    left = f"{standing.ordinary_left} of {standing.limit - standing.reserve} left"
    kept = f"{min(standing.urgent_left, standing.reserve)} of {standing.reserve} kept for cancels and halts"
    if standing.stopped_for:
        until = words.clock(now + timedelta(seconds=standing.stopped_for))
        return (
            "bad",
            f"stopped until {until} ET",
            f"the broker said stop (429): nothing ordinary before {until} ET; {left}",
        )
    return ("" if standing.ordinary_left else "warn"), left, f"{left} of {standing.limit} requests a minute, {kept}"


def _circuit(group: str, circuit: Any, now: datetime) -> str:
    since = words.clock(now - timedelta(seconds=circuit.open_for or 0))
    state = (
        f"open, next try in {words.age(circuit.probe_in)}"
        if circuit.probe_in
        else "half open, the next call is the one try"
    )
    name = GROUPS.get(group, group)
    return f"{name}: {state}; since {since} ET, {circuit.failures} failures in a row"
