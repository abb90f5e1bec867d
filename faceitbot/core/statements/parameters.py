"""What stands in a queryset for a value that each call brings."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Expression, ForeignKey, Lookup
from django.db.models.sql.compiler import SQLCompiler

from faceitbot.core.fields import AnyField

if TYPE_CHECKING:
    AnyLookup = Lookup[Any]
else:  # takes type arguments in the stubs only
    AnyLookup = Lookup


class Param(Expression):
    """A named value: `filter(telegram_id=Param("telegram_id"))`.

    With `supply`, the value is made anew for each statement, and no call brings it.
    """

    def __init__(self, name: str, supply: Callable[[], object] | None = None) -> None:
        super().__init__()
        self.name = name
        self.supply = supply

    def as_sql(self, _compiler: SQLCompiler, _connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:  # type: ignore[override]
        """Give a placeholder, and this as what has to take its place."""
        return "%s", [self]


class Among(AnyLookup):
    """`column = ANY(array)`: unlike IN, the same text for any number of values."""

    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:  # type: ignore[override]
        """Give the condition; the array is cast, for an empty one has no type of its own."""
        left, left_parameters = self.process_lhs(compiler, connection)
        right, right_parameters = compiler.compile(self.rhs)
        column: AnyField = self.lhs.output_field
        while isinstance(column, ForeignKey):
            column = column.target_field
        # A cast to varchar(n) would cut a text that is too long, and find what begins like it.
        of = "text" if isinstance(column, CharField) else column.db_type(connection)
        return f"{left} = ANY({right}::{of}[])", [*left_parameters, *right_parameters]
