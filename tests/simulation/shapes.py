"""Shapes of what is given to a query: kinds in the place of values, so that like questions are known as such."""

from collections.abc import Hashable, Iterable, Iterator, KeysView, ValuesView
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, cast
from uuid import UUID

from django.db.models import Count, F, Max, Min, Model, Q, QuerySet, Subquery, Sum
from django.db.models.expressions import BaseExpression, OrderBy, Star
from psycopg.types.numeric import Int2, Int4, Int8

PLAIN = (int, str, Decimal, datetime, date, UUID)
"""Kinds that reach the database as they are."""

CHANGING = frozenset(
    {"contains", "icontains", "startswith", "istartswith", "endswith", "iendswith", "iexact", "regex", "iregex",
     "range", "search"}
)  # fmt: skip
"""Look-ups that make something else of their value, which a probe need not show."""

LISTS = (list, tuple, set, frozenset, dict, KeysView, ValuesView)
NAMING = (Count, F, Max, Min, OrderBy, Star, Sum)
"""Expressions that hold no value."""

AS_ELSE = (Decimal, Int2, Int4, Int8)
"""Kinds that the ORM makes of a whole number for some columns."""

_BORN = datetime(1987, 1, 1, tzinfo=UTC)


class Unkept(Exception):
    """This has no shape; Django builds it anew each time."""


def take(value: Any, values: list[Any]) -> Hashable:
    """The shape of a value; what varies in it goes to the end of `values`. Raises `Unkept`."""
    kind = type(value)
    if kind in PLAIN:
        values.append(value)
        return cast(Hashable, kind)
    if value is None or kind is bool:
        return "=", value
    if isinstance(value, Enum):
        return take(value.value, values)
    if isinstance(value, Model) and value.pk is not None:
        return take(value.pk, values)
    if kind is Subquery and hasattr(value, "asked"):
        values.extend(value.asked._given)
        return "sub", value.asked.model, value.asked._noted
    if kind is Q:
        return "q", value.connector, value.negated, tuple([_child(each, values) for each in value.children])
    return names(value)


def names(value: Any) -> Hashable:
    """The shape of what names columns or says yes or no, and holds no value. Raises `Unkept`."""
    if isinstance(value, str | bool | None) or (isinstance(value, tuple) and all(type(each) is str for each in value)):
        return "=", value
    if type(value) is F:
        return "=", value
    if isinstance(value, BaseExpression) and all(type(each) in NAMING for each in value.flatten()):
        return "=", value
    raise Unkept


def condition(name: str, value: Any, values: list[Any]) -> Hashable:
    """The shape of a condition's value. Raises `Unkept` also where its look-up changes the value."""
    lookup = name.rpartition("__")[2]
    if lookup in CHANGING:
        raise Unkept
    if lookup != "in":
        return take(value, values)
    if not isinstance(value, LISTS) or not value or None in value:
        raise Unkept
    return "many", tuple([take(each, values) for each in dict.fromkeys(value)])


def _child(child: Any, values: list[Any]) -> Hashable:
    return ("", take(child, values)) if isinstance(child, Q) else (child[0], condition(child[0], child[1], values))


def fill(shape: Any, values: Iterator[Any]) -> Any:
    """What has this shape, with these values."""
    if shape in PLAIN:
        return next(values)
    match shape[0]:
        case "=":
            return shape[1]
        case "many":
            return [fill(each, values) for each in shape[1]]
        case "sub":
            return Subquery(replay(QuerySet(shape[1]), shape[2], values))
    made = Q(_connector=shape[1], _negated=shape[2])
    made.children = [(named, fill(each, values)) if named else fill(each, values) for named, each in shape[3]]
    return made


def replay(plain: Any, noted: Iterable[Any], values: Iterator[Any]) -> Any:
    """What comes of a queryset of Django's by calls of these shapes, with these values."""
    for how, args, kwargs in noted:
        given = [fill(each, values) for each in args]
        plain = how(plain, *given, **{name: fill(each, values) for name, each in kwargs})
    return plain


def probe(value: Any, number: int) -> Any:
    """A value of the same kind that nothing else in a statement is."""
    match value:
        case int():
            return 1_900_000_000 + number
        case str():
            return f"probe {number}"
        case Decimal():
            return Decimal(190_000 + number)
        case datetime():
            return _BORN + timedelta(hours=number)
        case date():
            return _BORN.date() + timedelta(days=number)
        case _:
            return UUID(int=19 << 100 | number)


def found(probes: list[Any], params: tuple[Any, ...]) -> Iterator[tuple[int, int, type | None]]:
    """Place of each parameter that is a probe, the number of the probe, and what the ORM makes of such a value."""
    numbers = {(type(each), each): number for number, each in enumerate(probes)}
    for place, each in enumerate(params):
        if type(each) in PLAIN and (type(each), each) in numbers:
            yield place, numbers[type(each), each], None
        elif type(each) in AS_ELSE and (int, each) in numbers:
            yield place, numbers[int, each], type(each)
