"""A queryset as SQL, made once, and how its rows become model instances.

Django takes many times longer to build and compile a query than to make an instance of what it gives. So
each queryset of a hot method is compiled on its first use; a call binds its values, and `Model.from_db` makes
the instances, those of `select_related` too.

This is made of what Django's own iterators use and does not document. A system check warns under another
version than `WRITTEN_FOR`; the tests of the statements compare each of them with the plain ORM.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar, cast

import msgspec
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import F, JSONField, Model, QuerySet
from django.db.models import query as querying
from django.db.models.expressions import Col
from django.db.models.lookups import Exact

from faceitbot.core.fields import AnyField
from faceitbot.core.instances import maker
from faceitbot.core.statements.parameters import Among, AskedKey, Keys, Param, array_of

M = TypeVar("M", bound=Model)
Row = tuple[Any, ...]

WRITTEN_FOR = (5, 2)
KEYS = "keys"
_ASKED = "asked_key"
_JSONB = b"\x01"
_populators: Any = querying.get_related_populators


class _Statement:
    """A statement, and where the key of a row stands in it."""

    sql: str
    key_at: int

    def bind(self, values: Mapping[str, Any]) -> Sequence[Any] | Mapping[str, Any]:
        """Give the values of the placeholders."""
        raise NotImplementedError

    def fetch_here(self, values: Mapping[str, Any]) -> list[Row]:
        """Run the statement on this thread's connection."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.bind(values))
            return list(cursor.fetchall())


class _Compiled(_Statement):
    """A queryset's statement."""

    _parameters: tuple[Any, ...]

    def bind(self, values: Mapping[str, Any]) -> list[Any]:
        """Give the values in the order of their placeholders."""
        return [each.value(values) if isinstance(each, Param) else each for each in self._parameters]


class CompiledRows(_Compiled, Generic[M]):
    """The rows of a queryset whose `key` is one of the values that a call brings.

    `key` may be a path over a relation. Of several rows with the same key an ordered queryset gives the
    first; an unordered one must have no such rows.
    """

    def __init__(self, rows: QuerySet[M], key: str) -> None:
        if rows.query.order_by:
            compiler = _compiler(rows.filter(Exact(F(key), AskedKey()))[:1])
            sql, parameters = compiler.as_sql()
            column = cast("AnyField", rows.model._meta.get_field(key))
            self.sql = (
                f"SELECT asked.key, found.* FROM unnest(%s::{array_of(column)}) AS asked (key)"
                f" CROSS JOIN LATERAL ({sql}) AS found"
            )
            self._parameters = (Keys(KEYS, column), *parameters)
            self.key_at, shift = 0, 1
        else:
            own = key in {column.attname for column in rows.model._meta.concrete_fields}
            chosen = rows if own else rows.annotate(**{_ASKED: F(key)})
            compiler = _compiler(chosen.filter(Among(F(key), Param(KEYS))))
            self.sql, parameters = compiler.as_sql()
            self._parameters, shift = tuple(parameters), 0
            names = [getattr(getattr(each[0], "target", None), "attname", None) for each in compiler.select]
            self.key_at = names.index(key) if own else compiler.annotation_col_map[_ASKED]
        selected = compiler.klass_info["select_fields"]
        self._names = [compiler.select[number][0].target.attname for number in selected]
        self._make = maker(compiler.klass_info["model"], self._names)
        self._related = _populators(compiler.klass_info, compiler.select, DEFAULT_DB_ALIAS)
        self._columns = slice(selected[0], selected[-1] + 1)
        self._shift = shift
        self._converters = _converters(compiler)  # of the row's own columns and of related ones

    def instance(self, row: Sequence[Any]) -> M:
        """Give a new instance of a row, which shares nothing with others of the same row."""
        if self._converters or self._shift:
            row = _converted(row[self._shift :], self._converters)
        instance: M = self._make(row[self._columns])
        for populator in self._related:
            populator.populate(row, instance)
        return instance


class CompiledValues(_Compiled):
    """The same for an unordered queryset after `values`: a row is a dict of them."""

    def __init__(self, rows: QuerySet[Any, Any], key: str) -> None:
        compiler = _compiler(rows.annotate(**{_ASKED: F(key)}).filter(Among(F(key), Param(KEYS))))
        self.sql, parameters = compiler.as_sql()
        self._parameters = tuple(parameters)
        self._places = dict(compiler.annotation_col_map)
        self.key_at = self._places.pop(_ASKED)
        self._converters = _converters(compiler)

    def instance(self, row: Sequence[Any]) -> dict[str, Any]:
        """Give the values of a row."""
        row = _converted(row, self._converters)
        return {name: row[place] for name, place in self._places.items()}


class TextRows(_Statement):
    """The same for a statement that is written as SQL, with named parameters.

    `values` gives them for a list of keys; the key of a row stands at `key_at`; `instance` reads a row.
    """

    def __init__(
        self,
        sql: str,
        values: Callable[[list[Any]], Mapping[str, Any]],
        *,
        key_at: int,
        instance: Callable[[Sequence[Any]], Any],
    ) -> None:
        self.sql = sql
        self.key_at = key_at
        self.instance = instance
        self._values = values

    def bind(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Give the values of the parameters."""
        return self._values(values[KEYS])


def compiled(
    rows: "QuerySet[Any, Any] | TextRows", key: str
) -> "CompiledRows[Any] | CompiledValues | TextRows":
    """Compile what a look-up runs."""
    if isinstance(rows, TextRows):
        return rows
    queryset: Any = rows
    return CompiledRows(rows, key) if queryset._fields is None else CompiledValues(rows, key)


_Converters = list[tuple[int, Sequence[Callable[..., Any]], Any]]


def _converters(compiler: Any) -> _Converters:
    """Give for the places of a row what turns the database's value into Django's."""
    expressions = [each[0] for each in compiler.select[: compiler.col_count]]
    found = compiler.get_converters(expressions).items()
    return [(place, _reading(expression, functions), expression) for place, (functions, expression) in found]


def _reading(expression: Any, functions: Sequence[Callable[..., Any]]) -> Sequence[Callable[..., Any]]:
    if _is_plain_json(expression):
        return [_json]
    return [_json_text, *functions] if isinstance(expression.output_field, JSONField) else functions


def _is_plain_json(expression: Any) -> bool:
    column = expression.target if isinstance(expression, Col) else None
    return type(column) is JSONField and column.decoder is None


def _json(value: Any, _expression: Any, _connection: Any) -> Any:
    """Give what `json.loads` gives, in a tenth of the time."""
    text = _json_text(value)
    if text is None:
        return None
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:  # a number that no float can be
        return json.loads(text)


def _json_text(value: Any, *_: Any) -> Any:
    """Give JSON as it is written; in binary, the number of its format stands before it."""
    return value[1:] if type(value) is bytes and value.startswith(_JSONB) else value


def _converted(row: Sequence[Any], converters: _Converters) -> list[Any]:
    changed = list(row)
    for place, functions, expression in converters:
        for function in functions:
            changed[place] = function(changed[place], expression, connection)
    return changed


def _compiler(rows: QuerySet[Any]) -> Any:
    return rows.query.get_compiler(DEFAULT_DB_ALIAS)
