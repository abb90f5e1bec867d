"""Arrays as PostgreSQL writes them, for parameters that are cast: `%s::bigint[]`.

The driver looks at the type of every element, which takes longer than all the rest of a statement that many
callers share.
"""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.db.models import CharField, IntegerField, UUIDField

from faceitbot.core.fields import AnyField, column_of


def numbers(values: Iterable[int]) -> str:
    """Give an array of whole numbers."""
    return f"{{{','.join(map(str, values))}}}"


def uuids(values: Iterable[UUID]) -> str:
    """Give an array of UUIDs."""
    return f"{{{','.join([value.hex for value in values])}}}"


def texts(values: Iterable[str]) -> str:
    """Give an array of texts."""
    quoted = [value.replace("\\", "\\\\").replace('"', '\\"') for value in values]
    return '{"' + '","'.join(quoted) + '"}' if quoted else "{}"


def writer_for(column: AnyField) -> Callable[[Iterable[Any]], Any]:
    """Give what writes an array of a column's values; a list is left to the driver."""
    match column_of(column):
        case UUIDField():
            return uuids
        case IntegerField():
            return numbers
        case CharField():
            return texts
    return list
