"""A queryset as SQL, made once, and how its rows become model instances.

Django takes many times longer to build and compile a query than to make an instance of what it gives. So
each queryset of a hot method is compiled on its first use; a call binds its values, and `Model.from_db` makes
the instances, those of `select_related` too.

This is made of what Django's own iterators use and does not document. A system check warns under another
version than `WRITTEN_FOR`; the tests of the statements compare each of them with the plain ORM.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import F, Model, QuerySet
from django.db.models import query as querying

from faceitbot.core.statements.parameters import Among, Param

M = TypeVar("M", bound=Model)
Row = tuple[Any, ...]

WRITTEN_FOR = (5, 2)
KEYS = "keys"
_ASKED = "asked_key"
_populators: Any = querying.get_related_populators


class CompiledRows(Generic[M]):
    """The rows of a queryset whose `key` is one of the values that a call brings.

    `key` may be a path over a relation. No two rows have the same key.
    """

    def __init__(self, rows: QuerySet[M], key: str) -> None:
        columns = {column.attname: column for column in rows.model._meta.concrete_fields}
        own = columns.get(key)
        if own is None:
            rows = rows.annotate(**{_ASKED: F(key)})
        compiler: Any = rows.filter(Among(F(key), Param(KEYS))).query.get_compiler(DEFAULT_DB_ALIAS)
        self.sql, parameters = compiler.as_sql()
        self._parameters = tuple(parameters)
        selected = compiler.klass_info["select_fields"]
        self._first, self._end = selected[0], selected[-1] + 1
        self._names = [compiler.select[number][0].target.attname for number in selected]
        self._make = compiler.klass_info["model"].from_db
        self._related = _populators(compiler.klass_info, compiler.select, DEFAULT_DB_ALIAS)
        # Of both the row's own columns and the related ones.
        expressions = [each[0] for each in compiler.select[: compiler.col_count]]
        self._converters = [
            (place, functions, expression)
            for place, (functions, expression) in compiler.get_converters(expressions).items()
        ]
        if own is None:
            self.key_at = compiler.annotation_col_map[_ASKED]
        else:
            self.key_at = self._first + self._names.index(own.attname)

    def bind(self, values: Mapping[str, object]) -> list[Any]:
        """Give the values in the order of their placeholders."""
        return [_bound(each, values) if isinstance(each, Param) else each for each in self._parameters]

    def fetch_here(self, values: Mapping[str, object]) -> list[Row]:
        """Run the statement on this thread's connection."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.bind(values))
            return list(cursor.fetchall())

    def instance(self, row: Sequence[Any]) -> M:
        """Give a new instance of a row, which shares nothing with others of the same row."""
        if self._converters:
            row = list(row)
            for place, functions, expression in self._converters:
                for function in functions:
                    row[place] = function(row[place], expression, connection)
        instance: M = self._make(DEFAULT_DB_ALIAS, self._names, row[self._first : self._end])
        for populator in self._related:
            populator.populate(row, instance)
        return instance


def _bound(parameter: Param, values: Mapping[str, object]) -> object:
    return parameter.supply() if parameter.supply else values[parameter.name]
