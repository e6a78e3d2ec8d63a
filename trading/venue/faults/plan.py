"""When a fault strikes: entries with their conditions, one seeded draw for each, and a tally of what they did.

Pure: the same seed, entries and questions give the same answers. A plan without entries answers by one look-up.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any
from zlib import crc32

from trading.venue.faults.known import MENU
from trading.venue.faults.menu import Known, Place, meant


@dataclass(frozen=True, slots=True)
class When:
    """The conditions of one entry; all that are given must hold.

    `rate` is a fraction of the occasions, `count` the most hits, `after` how many occasions pass first. `session` (the
    first is 1) and `minute` (how many of it have been told) are where it begins, `minutes` how long it lasts.
    """

    rate: Decimal | None = None
    count: int | None = None
    after: int = 0
    session: int | None = None
    minute: int | None = None
    minutes: int | None = None

    @property
    def most(self) -> int | None:
        """The most hits: once, where neither a rate nor a count says otherwise."""
        return 1 if self.count is None and self.rate is None else self.count

    def reaches(self, session: int, minute: int) -> bool:
        """Whether this moment of the replay lies within the entry's."""
        if self.session is not None and session != self.session:
            return False
        begins = self.minute or 0
        return minute >= begins and (self.minutes is None or minute < begins + self.minutes)


@dataclass(frozen=True, slots=True)
class Fault:
    """One planned fault: what, when, and on whom (empty: on anybody)."""

    known: Known
    when: When = field(default_factory=When)
    on: frozenset[str] = frozenset()
    symbols: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.known.name

    def set(self, name: str) -> Any:
        """The value of one of the fault's settings, given or not."""
        return self.settings.get(name, self.known.settings[name].default)

    @property
    def kinds(self) -> frozenset[str]:
        """What it strikes: a kind of call, order, event, …"""
        return self.on or self.known.on

    def concerns(self, account: str, symbols: Collection[str]) -> bool:
        """Whether the entry is about this account and these symbols. A scene's symbol is its target."""
        if self.accounts and account not in self.accounts:
            return False
        is_scene = self.known.place in (Place.MINUTE, Place.NIGHT)
        return is_scene or not self.symbols or not self.symbols.isdisjoint(symbols)


@dataclass(slots=True)
class Entry:
    """A fault in the plan and what became of it: how often it could have struck, and did."""

    fault: Fault
    draw: Random
    chance: int
    """The rate as a number of 32 bits."""
    asked: int = 0
    hits: int = 0

    def strikes(self) -> bool:
        """Count one occasion and say whether the fault strikes it."""
        when = self.fault.when
        if when.most is not None and self.hits >= when.most:
            return False
        self.asked += 1
        if self.asked <= when.after or self.draw.getrandbits(32) >= self.chance:
            return False
        self.hits += 1
        return True


def fault(name: str, *, on: Iterable[str] = (), symbols: Iterable[str] = (), accounts: Iterable[str] = (),
          when: When | None = None, **settings: Any) -> Fault:  # fmt: skip
    """Make a fault of the menu by name. Raises `KeyError` for a name or setting that is not there."""
    known = MENU[name]
    unknown = settings.keys() - known.settings.keys()
    if unknown:
        raise KeyError(f"{name} has no setting {min(unknown)}")
    kinds = frozenset(kind for word in on for kind in meant(word, known.place) & known.on)
    return Fault(known, when or When(), kinds, frozenset(symbols), frozenset(accounts), settings)


class Plan:
    """The faults of one venue. One owner, one thread."""

    def __init__(self, faults: Iterable[Fault] = (), seed: int = 0) -> None:
        self.seed = seed
        self.entries: list[Entry] = []
        self.cleared = 0
        """How often the plan was lifted: what outlasts a hit (a mute stream) ends with it."""
        self.session = self.minute = 0
        self._at: dict[Place, dict[str, list[Entry]]] = {}
        self._added = 0
        self._before: Counter[str] = Counter()
        self.add(faults)

    def add(self, faults: Iterable[Fault]) -> None:
        """Plan more faults; where several strike one occasion the first that was planned does."""
        for each in faults:
            # A generator of its own, so that one entry's draws do not depend on the others being there.
            name = f"{self.seed}:{self._added}:{each.name}"
            draw = Random(crc32(name.encode()))  # noqa: S311 - faults are no secret
            rate = Decimal(1) if each.when.rate is None else each.when.rate
            entry = Entry(each, draw, int(rate * 2**32))
            self._added += 1
            self.entries.append(entry)
            of_place = self._at.setdefault(each.known.place, {})
            for kind in each.kinds:
                of_place.setdefault(kind, []).append(entry)

    def clear(self) -> None:
        """Lift every fault. What has been counted stays."""
        self._before = self.hits()
        self.entries = []
        self._at = {}
        self.cleared += 1

    def stand_at(self, session: int, minute: int) -> None:
        """Tell where the replay stands: sessions opened, and minutes of the present one told."""
        self.session, self.minute = session, minute

    def has(self, place: Place) -> bool:
        """Whether anything is planned there at all."""
        return place in self._at

    def strike(
        self,
        place: Place,
        kind: str,
        account: str = "",
        symbols: Collection[str] = (),
        able: Callable[[Fault], bool] | None = None,
    ) -> Fault | None:
        """Return the fault that strikes this occasion, if any. `able` says which ones could do anything here."""
        for entry in self._at[place].get(kind, ()) if place in self._at else ():
            if self._open(entry, account, symbols) and (able is None or able(entry.fault)) and entry.strikes():
                return entry.fault
        return None

    def strikes(self, place: Place, kind: str, account: str, able: Callable[[Fault], bool]) -> Sequence[Fault]:
        """Return every fault that strikes this occasion."""
        return [
            entry.fault
            for entry in (self._at[place].get(kind, ()) if place in self._at else ())
            if self._open(entry, account, ()) and able(entry.fault) and entry.strikes()
        ]

    def hits(self) -> Counter[str]:
        """How often each fault struck since the venue began, by name."""
        told = Counter(self._before)
        for entry in self.entries:
            if entry.hits:
                told[entry.fault.name] += entry.hits
        return told

    def controls(self) -> Counter[str]:
        """The same by number of the fault matrix."""
        told: Counter[str] = Counter()
        for name, hits in self.hits().items():
            for each in MENU[name].controls:
                told[each] += hits
        return told

    def _open(self, entry: Entry, account: str, symbols: Collection[str]) -> bool:
        return entry.fault.concerns(account, symbols) and entry.fault.when.reaches(self.session, self.minute)
