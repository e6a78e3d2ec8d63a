"""One statement as Django built it: built with probes and not executed, bound to later values where the probes are."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from unittest import mock

from django.db.models.sql.compiler import SQLCompiler, SQLUpdateCompiler
from django.db.models.sql.constants import SINGLE

from tests.simulation import shapes
from tests.simulation.shapes import Unkept

NAMES = ("selected", "extra_select", "values_select", "annotation_select")
"""What readers of values ask a query for."""


class Built(BaseException):
    """A statement was built and is not to be executed. No handler of errors may take it for one."""

    def __init__(self, compiler: Any) -> None:
        self.compiler = compiler
        self.sql, self.params = compiler.as_sql()


class Template:
    """One statement as Django built it, and where its values go."""

    def __init__(self, built: Built, asked: Any, probes: list[Any]) -> None:
        self._compiler, self._sql, self._params = built.compiler, built.sql, tuple(built.params)
        self._places = list(shapes.found(probes, self._params))
        if len({number for _, number, _ in self._places}) < len(probes) or not self._sql:
            raise Unkept
        query = built.compiler.query
        self.locks = query.select_for_update
        self._names = {name: getattr(query, name, None) for name in NAMES}
        self._iterable: Any
        self._iterable, self._fields = getattr(asked, "_iterable_class", None), getattr(asked, "_fields", None)
        if built.compiler.select is not None:
            columns = [each[0] for each in built.compiler.select[: built.compiler.col_count]]
            converters, composite = built.compiler.get_converters(columns), built.compiler.has_composite_fields(columns)
            built.compiler.get_converters = lambda _: converters
            built.compiler.has_composite_fields = lambda _: composite

    def bind(self, values: list[Any]) -> Any:
        """A compiler that has built its statement already."""
        params = list(self._params)
        for place, number, kind in self._places:
            params[place] = values[number] if kind is None else kind(values[number])
        compiler, bound = object.__new__(type(self._compiler)), (self._sql, tuple(params))
        compiler.__dict__.update(self._compiler.__dict__)
        compiler.as_sql = lambda *_, **__: bound
        return compiler

    def rows(self, asked: Any, values: list[Any]) -> list[Any]:
        """What a queryset of this shape reads."""
        query = SimpleNamespace(get_compiler=lambda *_, **__: self.bind(values), **self._names)
        seen = SimpleNamespace(
            query=query, db=asked.db, model=asked.model, _fields=self._fields, _fetch_mode=asked._fetch_mode,
            _known_related_objects=asked._known_related_objects,
        )  # fmt: skip
        return list(self._iterable(seen))

    def sums(self, values: list[Any]) -> dict[str, Any]:
        """What is counted and summed by a question of this shape, as `Query.get_aggregation` reads it."""
        compiler = self.bind(values)
        wanted = compiler.query.annotation_select
        row = compiler.execute_sql(SINGLE)
        converters = SQLCompiler.get_converters(compiler, wanted.values())
        return dict(zip(wanted, next(compiler.apply_converters((row,), converters)), strict=True))


def build(replay: Callable[[], Any], last: Callable[[Any], Any], probes: list[Any]) -> Template:
    """Let Django build the statement that it would execute at `last`. Raises `Unkept` where it executes none."""
    asked = None
    with (
        mock.patch.object(SQLCompiler, "execute_sql", _stop),
        mock.patch.object(SQLUpdateCompiler, "execute_returning_sql", _stop_returning),
    ):
        try:
            asked = replay()
            last(asked)
        except Built as built:
            return Template(built, asked, probes)
    raise Unkept


def _stop(compiler: Any, *_: Any, **__: Any) -> Any:
    raise Built(compiler)


def _stop_returning(compiler: Any, fields: Any) -> Any:
    compiler.returning_fields = fields
    raise Built(compiler)
