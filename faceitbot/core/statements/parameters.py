"""What stands in a queryset for a value that each call brings."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Expression, Lookup
from django.db.models.sql.compiler import SQLCompiler

from faceitbot.core import clock
from faceitbot.core.fields import AnyField, column_of
from faceitbot.core.statements.arrays import writer_for

if TYPE_CHECKING:
    AnyLookup = Lookup[Any]
else:  # takes type arguments in the stubs only
    AnyLookup = Lookup


class Param(Expression):
    """A named value: `filter(telegram_id=Param("telegram_id"))`."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, _compiler: SQLCompiler, _connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:  # type: ignore[override]
        """Give a placeholder, and this as what has to take its place."""
        return "%s", [self]

    def value(self, values: Mapping[str, object]) -> object:
        """Give what takes the place."""
        return values[self.name]


class Keys(Param):
    """The values of a column that a call asks for, as an array."""

    def __init__(self, name: str, column: AnyField) -> None:
        super().__init__(name)
        self._written = writer_for(column)

    def value(self, values: Mapping[str, Any]) -> object:
        """Give the array."""
        return self._written(values[self.name])


class Now(Param):
    """The moment at which the statement is run."""

    def __init__(self) -> None:
        super().__init__("now")

    def value(self, _values: Mapping[str, object]) -> object:
        """Give the present moment."""
        return clock.now()


class Among(AnyLookup):
    """`column = ANY(array)`: unlike IN, the same text for any number of values."""

    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, _connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:  # type: ignore[override]
        """Give the condition; the array is cast, for an empty one has no type of its own."""
        left, left_parameters = self.process_lhs(compiler, _connection)
        column = self.lhs.output_field
        array = Keys(self.rhs.name, column) if isinstance(self.rhs, Param) else self.rhs
        right, right_parameters = compiler.compile(array)
        return f"{left} = ANY({right}::{array_of(column)})", [*left_parameters, *right_parameters]


class AskedKey(Expression):
    """The key at hand, where a queryset is run for one key after the other."""

    def as_sql(self, _compiler: SQLCompiler, _connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:  # type: ignore[override]
        """Give its name: `compiled` knows where it comes from."""
        return "asked.key", []


def array_of(column: AnyField) -> str:
    """Give the SQL type of an array of a column's values.

    A cast to varchar(n) would cut a text that is too long, and find what begins like it.
    """
    column = column_of(column)
    return "text[]" if isinstance(column, CharField) else f"{column.db_type(connection)}[]"
