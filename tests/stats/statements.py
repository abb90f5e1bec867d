"""Counts what a block asks of PostgreSQL, on whichever thread."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.utils import CursorWrapper


@contextmanager
def statements() -> Iterator[list[str]]:
    """Give the statements of a block in their order, those of the worker threads too."""
    heard: list[str] = []
    execute = CursorWrapper.execute

    def listen(self, sql, params=None):
        heard.append(str(sql))
        return execute(self, sql, params)

    CursorWrapper.execute = listen
    try:
        yield heard
    finally:
        CursorWrapper.execute = execute
