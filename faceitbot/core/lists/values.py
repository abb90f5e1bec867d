"""The values that a column of a long table has."""

from collections.abc import Sequence

from django.db import connection
from django.db.models import Model

# Steps from one value to the next in an index that begins with the column: as many steps as there are values.
_VALUES = """
WITH RECURSIVE found AS (
    (SELECT min({column}) AS value FROM {table})
    UNION ALL
    SELECT (SELECT min({column}) FROM {table} WHERE {column} > found.value)
    FROM found WHERE found.value IS NOT NULL
)
SELECT value FROM found WHERE value IS NOT NULL LIMIT %s
"""


def values_of(model: type[Model], column: str, most: int) -> Sequence[str]:
    """Give the values that a column has, in their order, by the index that begins with it."""
    quoted = {name: connection.ops.quote_name(name) for name in (column, model._meta.db_table)}
    statement = _VALUES.format(column=quoted[column], table=quoted[model._meta.db_table])
    with connection.cursor() as cursor:
        cursor.execute(statement, [most])
        return [value for (value,) in cursor.fetchall()]
