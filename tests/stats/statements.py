"""Counts what a block asks of PostgreSQL, on whichever thread."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.utils import CursorWrapper

from faceitbot.core.statements.line import Line


@contextmanager
def statements() -> Iterator[list[str]]:
    """Give the statements of a block in their order, also those of worker threads and of the event loop."""
    heard: list[str] = []
    wrapper: Any = CursorWrapper
    execute = wrapper.execute

    def listen(self, sql, params=None):
        heard.append(str(sql))
        return execute(self, sql, params)

    line: Any = Line
    read, write = line.read, line.write

    async def listen_to_read(self, name, sql, values, *more):
        heard.append(sql)
        return await read(self, name, sql, values, *more)

    async def listen_to_write(self, name, sql, values, **options):
        heard.append(sql)
        return await write(self, name, sql, values, **options)

    wrapper.execute, line.read, line.write = listen, listen_to_read, listen_to_write
    try:
        yield heard
    finally:
        wrapper.execute, line.read, line.write = execute, read, write
