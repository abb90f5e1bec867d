"""CSV as spreadsheets read it: UTF-8 with a mark, semicolons, and no cell that does something."""

import csv
import io
import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain, islice

from faceitbot.core.exports.columns import Cell, Table

CONTENT_TYPE = "text/csv; charset=utf-8"
ROWS_AT_ONCE = 1_000
_MARK = "\ufeff"
# A spreadsheet runs a cell that begins like a formula, its fullwidth form too, and makes a number or a date
# of whatever looks like one: it would round a long id and take the zeros off "007".
_ACTS = re.compile(r"[=+\-@\t\r\n＝＋－＠]|(?=\D*\d)[\d.,:/+\-\s%eE]*\Z")


def csv_file(table: Table, rows: Iterable[list[Cell]]) -> Generator[bytes, None, None]:
    """Give a file in pieces of `ROWS_AT_ONCE` rows."""
    buffer = io.StringIO()
    buffer.write(_MARK)
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    every: Iterator[Sequence[Cell]] = chain([table.titles], rows)
    while some := list(islice(every, ROWS_AT_ONCE)):
        writer.writerows([_text(cell) for cell in row] for row in some)
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()


def safe(text: str) -> str:
    """Give a text as one that stays text: with an apostrophe before what a spreadsheet would act upon."""
    return f"'{text}" if _ACTS.match(text) else text


def _text(cell: Cell) -> str | int | float:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return safe(cell)
    return cell.isoformat(" ") if isinstance(cell, datetime) else str(cell)
