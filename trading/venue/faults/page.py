"""Writes docs/venue-faults.md from the menu: `python -m trading.venue.faults.page > docs/venue-faults.md`."""

import sys
from collections.abc import Iterator
from datetime import timedelta

from trading.venue.faults.known import MENU
from trading.venue.faults.menu import KINDS, Known, Place, Setting
from trading.venue.rendering import number

_HEAD = """# Faults in the simulated venue

Generated from `trading/venue/faults/known.py` by `python -m trading.venue.faults.page`; a test compares. Do not edit.

The simulated venue has no fault of its own. It is given some by a file, `manage.py venue --faults FILE` (TOML where the
name ends in `.toml`, JSON otherwise), or while it runs at `/venue/faults`, with the header `X-Venue-Token`:

| request | does |
|---|---|
| `POST` with what a JSON file holds | plans these faults beside those that are planned |
| `GET` | tells what is planned, and how often each fault struck, by name and by number of the fault matrix |
| `DELETE` | lifts every fault; the counts stay |

```toml
seed = 7                        # the same seed, faults and requests give the same hits

[[faults]]
name = "timeout_after_accept"   # one of the tables below
on = "submit"                   # a kind of its table, or a list; for calls also "read" and "change"
symbol = "AAPL"                 # or a list; anybody where absent
account = "PA0000001"           # or a list
rate = 0.05                     # fraction of the occasions, 0 to 1
count = 3                       # at most so many; 1 where neither rate nor count is given
after = 2                       # so many occasions pass first
session = 1                     # only in this session of the replay, the first is 1,
minute = 30                     # from when so many of its minutes have been told,
minutes = 10                    # for so many
seconds = 2                     # settings of the fault itself: see below
```

All conditions that are given must hold. Where several faults could strike one occasion, the first planned does. An
occasion at which a fault could do nothing (the order has ended, nothing is held) is not counted. What a fault did to
orders, trades, flags and shares is in the venue's state file like any other act and outlasts a restart; the plan does
not, and is read from its file again. A file or request that cannot be read is refused in one sentence, by exit code 2
or status 422, and changes nothing.

F numbers are those of the fault matrix the desk is tested by. *Done* tells whether the call is carried out; *becomes*
what our gateway makes of it for a call that changes something (a read is `BrokerUnavailable` instead of
`OutcomeUnknown`).
"""

_TITLES = {
    Place.CALL: "Of REST calls",
    Place.ORDER: "Of orders at the exchange",
    Place.EVENT: "Of events on the order stream",
    Place.HANDSHAKE: "Of opening a stream",
    Place.PRICE: "Of prices shown (trading goes on at the true ones)",
    Place.MINUTE: "By itself, once a minute has been told (on the symbol and account given)",
    Place.NIGHT: "By itself, between a close and the next open",
}
_BECOMES = {
    "nothing": "`OutcomeUnknown`",
    "limited": "`BrokerUnavailable`",
    "refused": "`BrokerRejected`",
    "odd": "a report, what is strange left empty",
    "late": "the answer, or `OutcomeUnknown` after the time limit",
}


def render() -> str:
    """Return the whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _HEAD.rstrip()
    for place, title in _TITLES.items():
        yield f"\n## {title}\n"
        is_call = place is Place.CALL
        yield f"| Fault | F |{' Done | Becomes |' if is_call else ''} What is seen | Strikes | Settings |"
        yield f"|---|---|{'---|---|' if is_call else ''}---|---|---|"
        yield from (_row(known) for known in MENU.values() if known.place is place)


def _row(known: Known) -> str:
    cells = [f"`{known.name}`", " ".join(known.controls)]
    if known.outcome is not None:
        cells += ["yes" if known.accepts else "no", _BECOMES[known.outcome.value]]
    settings = "; ".join(f"`{name}` {_default(setting)} {setting.meaning}" for name, setting in known.settings.items())
    return f"| {' | '.join([*cells, known.says, _struck(known), settings or '–'])} |"


def _struck(known: Known) -> str:
    kinds = KINDS[known.place]
    if known.on != kinds:
        return ", ".join(sorted(known.on))
    return "–" if len(kinds) == 1 else "every " + ("event" if known.place is Place.EVENT else "kind")


def _default(setting: Setting) -> str:
    match setting.default:
        case None:
            return "(none)"
        case timedelta() as duration:
            return f"({duration.total_seconds():g})"
        case bool() as flag:
            return f"({str(flag).lower()})"
        case str() | int() as plain:
            return f"({plain})"
        case figure:
            return f"({number(figure)})"


if __name__ == "__main__":
    sys.stdout.write(render())
