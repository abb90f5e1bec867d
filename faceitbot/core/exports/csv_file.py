"""CSV as spreadsheets read it: UTF-8 with a mark, semicolons, and no cell that does something.

Separators: a Russian Excel splits at semicolons, an English one at commas, and LibreOffice asks with comma,
semicolon and tab ticked together. So whatever one of them could split stands in quotes, which all of them
heed at the beginning of a cell; bare are whole numbers alone. An English Excel sees no beginning at our
semicolons and splits at the commas inside of quotes nevertheless: what would begin a cell there is defused,
too. Fractions have a decimal comma, for a Russian Excel takes 1.5 for the first of May.
"""

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
# A spreadsheet runs a cell that begins like a formula, its fullwidth form too, spaces or quotes before it or
# not; and makes a number or a date of whatever looks like one: it would round a long id and take the zeros
# off "007".
_ACTS = re.compile(r"[\t\r\n]|[\s\"]*[=+\-@＝＋－＠]|(?=\D*\d)[\d.,:/+\-\s%eE]*\Z")
_ACTS_BEHIND_A_SEPARATOR = re.compile(r"([;,|\t\r\n][\s\"]*)(?=[=+\-@＝＋－＠])")


def csv_file(table: Table, rows: Iterable[list[Cell]]) -> Generator[bytes, None, None]:
    """Give a file in pieces of `ROWS_AT_ONCE` rows."""
    buffer = io.StringIO()
    buffer.write(_MARK)
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n", quoting=csv.QUOTE_NONNUMERIC)
    every: Iterator[Sequence[Cell]] = chain([table.titles], rows)
    while some := list(islice(every, ROWS_AT_ONCE)):
        writer.writerows([_value(cell) for cell in row] for row in some)
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()


def safe(text: str) -> str:
    """Give a text as one that stays text: with an apostrophe before what a spreadsheet would act upon."""
    inside = _ACTS_BEHIND_A_SEPARATOR.sub(r"\1'", text)
    return f"'{inside}" if _ACTS.match(text) else inside


def _value(cell: Cell) -> str | int:
    """Give what is written for a cell; a text will stand in quotes."""
    match cell:
        case None:
            return ""
        case str():
            return safe(cell)
        case float():
            return int(cell) if cell.is_integer() else str(cell).replace(".", ",")
        case datetime():
            return cell.isoformat(" ")
        case int():
            return cell
    return str(cell)
