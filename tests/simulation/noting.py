"""A question to the database that notes what it is made of, and finds the statement that was built for its like."""

from collections.abc import Callable, Hashable, Iterator
from types import SimpleNamespace
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import transaction
from django.db.models import QuerySet

from tests.simulation import shapes, templates
from tests.simulation.shapes import Unkept
from tests.simulation.templates import Template

DJANGOS: Any = QuerySet
_NONE: Any = SimpleNamespace(values_select=())
_TEMPLATES: dict[Hashable, Template | None] = {}


class Noting(DJANGOS):
    """Notes what is asked of it: `_noted` are the calls with the shapes of what was given, `_given` the values."""

    _noted: tuple[Any, ...] = ()
    _given: tuple[Any, ...] = ()
    _real: Any = None
    _result_cache: Any

    def __init__(self, model: Any = None, query: Any = None, using: Any = None, hints: Any = None) -> None:
        # Not as Django does: no query is made before it is known to be needed.
        super().__init__(model, query or _NONE, using, hints)

    @property
    def query(self) -> Any:
        return self._plain().query

    def _plain(self) -> Any:
        """The same question to Django's own queryset."""
        if self._real is None:
            self._real = self._replay(iter(self._given))
        return self._real

    def _replay(self, values: Iterator[Any]) -> Any:
        plain: Any = QuerySet(self.model, using=self._db, hints=self._hints)
        self._hand_on(plain)
        return shapes.replay(plain, self._noted, values)

    def _hand_on(self, other: Any) -> None:
        other._for_write, other._fetch_mode = self._for_write, self._fetch_mode
        other._known_related_objects = self._known_related_objects

    def _clone(self) -> Any:
        return self._plain()._clone()

    def _next_is_sticky(self) -> Any:
        return self._plain()._clone()._next_is_sticky()

    def _ask(self, how: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """This question and one call more that gives values. Raises `Unkept` where they have no shape."""
        given: list[Any] = list(self._given)
        shaped = tuple([shapes.take(each, given) for each in args])
        named = tuple([(name, shapes.condition(name, each, given)) for name, each in kwargs.items()])
        other = self._note(how, shaped, named)
        other._given = tuple(given)
        return other

    def _note(self, how: Callable[..., Any], args: Any = (), kwargs: Any = ()) -> Any:
        """This question and one call more, given shapes."""
        other = type(self)(self.model, using=self._db, hints=self._hints)
        self._hand_on(other)
        other._noted, other._given = (*self._noted, (how, args, kwargs)), self._given
        return other

    def _name(self, how: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """This question and one call more that gives names and settings alone."""
        try:
            literal = [shapes.names(each) for each in args]
            named = [(name, shapes.names(each)) for name, each in kwargs.items()]
        except Unkept:
            return how(self._plain(), *args, **kwargs)
        return self._note(how, tuple(literal), tuple(named))

    def _template(self, last: Callable[..., Any]) -> Template | None:
        """The statement for this question, built where it is the first of its shape; `last` makes it be executed."""
        key = self.model, self._db, self._noted, last
        try:
            return self._allowed(_TEMPLATES[key])
        except KeyError:
            pass
        probes = [shapes.probe(each, number) for number, each in enumerate(self._given)]
        try:
            _TEMPLATES[key] = templates.build(lambda: self._replay(iter(probes)), last, probes)
        except (Unkept, EmptyResultSet, OverflowError):
            _TEMPLATES[key] = None
        return self._allowed(_TEMPLATES[key])

    def _allowed(self, found: Template | None) -> Template | None:
        """Locking rows outside a transaction is for Django to refuse."""
        locks = found is not None and found.locks
        return None if locks and transaction.get_connection(self.db).get_autocommit() else found
