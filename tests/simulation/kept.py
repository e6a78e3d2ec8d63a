"""The ORM's statements are built once: a queryset that notes what is asked of it and, asked the like again, only binds.

What is noted is the shape of a question (names, kinds of values); the first of a shape is built by Django itself with
probes for values, and each probe found again in the parameters is where a later value goes. A question that cannot be
noted so, or whose probes do not come back as they are, is built by Django each time.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.db import transaction
from django.db.models import QuerySet, Subquery
from django.db.models.manager import BaseManager
from django.db.models.sql.constants import ROW_COUNT

from tests.simulation import shapes
from tests.simulation.noting import DJANGOS, Noting
from tests.simulation.shapes import Unkept

NAMING = ("order_by", "values", "values_list", "select_related", "only", "defer", "distinct", "reverse")
MOST = 21
"""Rows that `get` reads at most, as Django's own."""


class Kept(Noting):
    """What Django's querysets offer, noted as far as it can be."""

    def all(self) -> Any:
        return self._note(QuerySet.all)

    def using(self, alias: Any) -> Any:
        other = self._note(QuerySet.all)
        other._db = alias
        return other

    def filter(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask_or_plain(QuerySet.filter, args, kwargs)

    def exclude(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask_or_plain(QuerySet.exclude, args, kwargs)

    def select_for_update(self, *args: Any, **kwargs: Any) -> Any:
        other = self._name(QuerySet.select_for_update, args, kwargs)
        other._for_write = True
        return other

    def fetch_mode(self, mode: Any) -> Any:
        other = self._note(QuerySet.all)
        other._fetch_mode = mode
        return other

    def annotate(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask_or_plain(QuerySet.annotate, args, kwargs)

    def _ask_or_plain(self, how: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        try:
            return self._ask(how, args, kwargs)
        except Unkept:
            return how(self._plain(), *args, **kwargs)

    def __getitem__(self, key: Any) -> Any:
        if self._result_cache is None and isinstance(key, slice) and key.step is None:
            return self._note(_slice, (("=", key.start), ("=", key.stop)))
        return super().__getitem__(key)

    def get(self, *args: Any, **kwargs: Any) -> Any:
        found = self.filter(*args, **kwargs) if args or kwargs else self
        if not isinstance(found, Kept):
            return self._plain().get(*args, **kwargs)
        rows = list(found._note(_for_get))
        if len(rows) == 1:
            return rows[0]
        name = self.model._meta.object_name
        if rows:
            raise self.model.MultipleObjectsReturned(f"get() returned more than one {name} -- it returned {len(rows)}!")
        raise self.model.DoesNotExist(f"{name} matching query does not exist.")

    def first(self) -> Any:
        if self._result_cache is not None:
            return super().first()
        return next(iter(self._note(_for_first)), None)

    def exists(self) -> bool:
        template = self._template(QuerySet.exists) if self._result_cache is None else None
        return bool(template.bind(list(self._given)).has_results()) if template else bool(super().exists())

    def aggregate(self, *args: Any, **kwargs: Any) -> Any:
        try:
            asked = self._ask(QuerySet.aggregate, args, kwargs) if self._result_cache is None else self
            template = asked._template(_nothing_more)
        except Unkept:
            template = None
        return template.sums(list(asked._given)) if template else self._plain().aggregate(*args, **kwargs)

    def count(self) -> int:
        template = self._template(QuerySet.count) if self._result_cache is None else None
        return int(template.sums(list(self._given))["__count"]) if template else int(super().count())

    def update(self, **kwargs: Any) -> int:
        try:
            asked = self._ask(QuerySet.update, (), kwargs)
            template = asked._template(_nothing_more)
        except Unkept:
            template = None
        if template is None:
            return int(self._plain().update(**kwargs))
        with transaction.mark_for_rollback_on_error(using=self.db):
            return int(template.bind(list(asked._given)).execute_sql(ROW_COUNT))

    def _update(self, values: Any, returning_fields: Any = None) -> Any:
        fields = "=", (tuple(each[0] for each in values), None if returning_fields is None else tuple(returning_fields))
        given = list(self._given)
        try:
            asked = self._note(_save, (fields, *[shapes.take(each[2], given) for each in values]))
            asked._given = tuple(given)
            template = asked._template(_nothing_more)
        except Unkept:
            template = None
        if template is None:
            return self._plain()._update(values, returning_fields)
        compiler = template.bind(given)
        return (
            compiler.execute_sql(ROW_COUNT)
            if returning_fields is None
            else compiler.execute_returning_sql(returning_fields)
        )

    def _fetch_all(self) -> None:
        if self._result_cache is None:
            template = self._template(_read) if self._real is None else None
            if template is None:
                self._result_cache = list(self._plain())
            else:
                self._result_cache = template.rows(self, list(self._given))


def _naming(how: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, *args, **kwargs: self._name(how, args, kwargs)


for _each in NAMING:
    setattr(Kept, _each, _naming(getattr(QuerySet, _each)))


def _nothing_more(asked: Any) -> None:
    raise Unkept


def _read(asked: Any) -> None:
    list(asked._iterable_class(asked))


def _save(asked: Any, fields: Any, *values: Any) -> Any:
    """As `Model.save` updates."""
    pairs = zip(fields[0], values, strict=True)
    return DJANGOS._update(asked, [(field, None, value) for field, value in pairs], fields[1])


def _slice(asked: Any, start: Any, stop: Any) -> Any:
    return QuerySet.__getitem__(asked, slice(start, stop))


def _for_get(asked: Any) -> Any:
    """As `QuerySet.get` reads."""
    if asked.query.can_filter() and not asked.query.distinct_fields:
        asked = asked.order_by()
    asked.query.set_limits(high=MOST)
    return asked


def _for_first(asked: Any) -> Any:
    """As `QuerySet.first` reads."""
    return (asked if asked.ordered or not asked.query.default_ordering else asked.order_by("pk"))[:1]


_BEGIN = Subquery.__init__


def _remember(self: Any, queryset: Any, *args: Any, **kwargs: Any) -> None:
    """A question within a question knows what it was made of."""
    if isinstance(queryset, Kept) and not args and not kwargs:
        self.asked = queryset
    _BEGIN(self, queryset, *args, **kwargs)


@contextmanager
def statements() -> Iterator[None]:
    """Let every manager hand out querysets that note, for the length of a block."""
    real = BaseManager.get_queryset

    def get_queryset(manager: Any) -> Any:
        if manager._queryset_class is not QuerySet:
            return real(manager)
        return Kept(model=manager.model, using=manager._db, hints=manager._hints)

    with (
        mock.patch.object(BaseManager, "get_queryset", get_queryset),
        mock.patch.object(Subquery, "__init__", _remember),
    ):
        yield
