"""Statements that are worth some time and no more."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled


class TookTooLong(Exception):
    """The statement was given up."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Let each statement of a block that only reads take so long.

    Errors: `TookTooLong` from the block when one takes longer.
    """
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT set_config('statement_timeout', %s, true)", [str(round(seconds * 1_000))]
                )
            yield
            transaction.set_rollback(True)  # takes the limit back, also where a transaction goes on
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TookTooLong from error
        raise
