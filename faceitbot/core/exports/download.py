"""A file on its way to a browser, written by a thread of its own."""

import asyncio
import weakref
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import tzinfo
from threading import BoundedSemaphore
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from faceitbot.core.display import digits
from faceitbot.core.errors import Refused, Unavailable
from faceitbot.core.exports import csv_file, xlsx_file
from faceitbot.core.exports.columns import Cell, Table
from faceitbot.core.exports.snapshot import cells, snapshot

AT_ONCE = 2  # in one process: each has a connection as long as it lasts
MOST_SECONDS = 900.0
KINDS = {"csv": csv_file.CONTENT_TYPE, "xlsx": xlsx_file.CONTENT_TYPE}
_WRITERS: dict[str, Callable[[Table, Iterator[list[Cell]]], Generator[bytes, None, None]]] = {
    "csv": csv_file.csv_file,
    "xlsx": xlsx_file.xlsx_file,
}
_places = BoundedSemaphore(AT_ONCE)
_Pieces = Generator[int | bytes, None, None]


class Download:
    """The pieces of a file, each made when it is asked for: memory holds one of them.

    The number of rows is known before the first piece, and both are of the same moment. The thread has the
    time zone and the language of whoever asks: days are cut and words are chosen as on his pages.
    Concurrency: a thread of its own makes the pieces; `close` is for any thread, at any time.
    Errors: `Unavailable` when too many are under way; `Refused` for more rows than the kind of file takes.
    """

    def __init__(self, rows: QuerySet[Any, Any], table: Table, kind: str) -> None:
        if not _places.acquire(blocking=False):
            raise Unavailable(_("Others are exporting at this moment. Try again in a minute."))
        self._thread = ThreadPoolExecutor(1, "export")
        self._pieces = _pieces(rows, table, kind)
        # Also when nobody ever asks for a piece: a browser may be gone before the answer begins.
        self._end = weakref.finalize(self, _end, self._thread, self._pieces)
        self._end.atexit = False
        try:
            self.rows = int(self._thread.submit(next, self._pieces).result())
            _check(kind, self.rows)
        except BaseException:
            self.close()
            raise

    async def __aiter__(self) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        # Closed early, the thread takes no more work, which breaks the answer off: half a file looks whole.
        in_the_end = loop.call_later(MOST_SECONDS, self.close)
        try:
            while piece := await loop.run_in_executor(self._thread, next, self._pieces, b""):
                yield bytes(piece)
        finally:
            in_the_end.cancel()
            self.close()

    def close(self) -> None:
        """End the download, done or not; nothing of it stays behind."""
        self._end()


def _pieces(rows: QuerySet[Any, Any], table: Table, kind: str) -> _Pieces:
    """Give the number of rows, then the pieces of the file, in the surroundings of whoever calls this."""
    return _pieces_within(timezone.get_current_timezone(), get_language(), rows, table, kind)


def _pieces_within(
    zone: tzinfo, language: str | None, rows: QuerySet[Any, Any], table: Table, kind: str
) -> _Pieces:
    # Set in the thread itself: asgiref keeps what Django has set from every other, a copied context or not.
    with timezone.override(zone), override(language), snapshot():
        yield rows.order_by().count()
        with closing(cells(rows, table)) as lines, closing(_WRITERS[kind](table, lines)) as pieces:
            yield from pieces


def _end(thread: ThreadPoolExecutor, pieces: _Pieces) -> None:
    thread.submit(pieces.close).add_done_callback(lambda _done: _places.release())
    thread.shutdown(wait=False)


def _check(kind: str, rows: int) -> None:
    if kind == "xlsx" and rows > xlsx_file.MOST_ROWS:
        text = _(
            "A spreadsheet takes %(most)s rows, these are %(rows)s. Export them as CSV, or choose fewer."
        )
        numbers = {"rows": digits(rows), "most": digits(xlsx_file.MOST_ROWS)}
        raise Refused(text % numbers, reason="too_many_rows")
