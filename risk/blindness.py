"""Running a table of judges where one that cannot see is told of, never passed over. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from risk.standing import Limits, Unjudgeable


class Judge[Seen, Found](Protocol):
    """A row of a table: its number, its name, and what finds."""

    @property
    def number(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def judge(self) -> Callable[[Seen, Limits], tuple[Found, ...]]: ...


@dataclass(frozen=True, slots=True)
class Blind:
    """A judge that could not see, and why; what it watches is not known to be well."""

    number: int
    name: str
    sentence: str


def ask_all[Seen, Found](
    table: Iterable[Judge[Seen, Found]], seen: Seen, limits: Limits, *, called: str
) -> tuple[tuple[Found, ...], tuple[Blind, ...]]:
    """Run the table once: all that was found, and every judge that could not see. `called` is what a row is."""
    found: list[Found] = []
    blind: list[Blind] = []
    for row in table:
        try:
            found += row.judge(seen, limits)
        except Unjudgeable as unjudgeable:
            blind.append(Blind(row.number, row.name, unjudgeable.sentence))
        except Exception as failure:
            sentence = f"{called} {row.number} ({row.name}) failed with {type(failure).__name__}."
            blind.append(Blind(row.number, row.name, sentence))
    return tuple(found), tuple(blind)
