"""Counts what a block asks of PostgreSQL, on whichever thread."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.utils import CursorWrapper


@contextmanager
def statements() -> Iterator[list[str]]:
    """Give the statements of a block in their order, those of the worker threads too."""
    heard: list[str] = []
    wrapper: Any = CursorWrapper
    execute = wrapper.execute

    def listen(self, sql, params=None):
        heard.append(str(sql))
        return execute(self, sql, params)

    wrapper.execute = listen
    try:
        yield heard
    finally:
        wrapper.execute = execute
