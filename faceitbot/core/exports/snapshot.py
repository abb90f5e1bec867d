"""The rows of an export, as they were at one moment, read a few at a time."""

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from typing import Any, cast

from django.db import connection
from django.db.models import QuerySet

from faceitbot.core.exports.columns import Cell, Table
from faceitbot.core.one_moment import one_moment

ROWS_AT_ONCE = 2_000
SECONDS_OF_A_STATEMENT = 60
SECONDS_OF_SILENCE = 60  # how long whoever downloads may stand still before the database lets go


@contextmanager
def snapshot() -> Iterator[None]:
    """Read within one transaction that changes nothing, and give its connection back.

    Concurrency: for a thread of its own, whose connection nobody else uses.
    """
    try:
        with one_moment():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = '{SECONDS_OF_A_STATEMENT}s'")
                cursor.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{SECONDS_OF_SILENCE}s'")
            yield
    finally:
        connection.close()


def cells(rows: QuerySet[Any, Any], table: Table) -> Generator[list[Cell], None, None]:
    """Give the cells of each row through a cursor of the server's."""
    found = rows.values_list(*table.sources).iterator(chunk_size=ROWS_AT_ONCE)
    with closing(cast("Generator[Any, None, None]", found)) as values:
        for row in values:
            yield table.cells(row)
