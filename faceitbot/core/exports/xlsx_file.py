"""A spreadsheet file, made in flat memory."""

from collections.abc import Generator, Iterable
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from xlsxwriter import Workbook

from faceitbot.core.exports.columns import Cell, Table

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 100_000
LONGEST_TEXT = 32_767  # a cell of Excel's
_WIDTH = 20
_PIECE = 64 * 1_024


def xlsx_file(table: Table, rows: Iterable[list[Cell]]) -> Generator[bytes, None, None]:
    """Give a file in pieces; it is made whole before the first one, and nothing stays on the disk."""
    with TemporaryDirectory(prefix="export") as folder:
        path = Path(folder) / "export.xlsx"
        _write(path, folder, table, rows)
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece


def _write(path: Path, folder: str, table: Table, rows: Iterable[list[Cell]]) -> None:
    with Workbook(str(path), {"constant_memory": True, "tmpdir": folder}) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.set_column(0, len(table.titles) - 1, _WIDTH)
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, table.titles, bold)
        for number, row in enumerate(rows, 1):
            for place, cell in enumerate(row):
                _write_cell(sheet, number, place, cell, moment, day)


def _write_cell(sheet: Any, row: int, column: int, cell: Cell, moment: Any, day: Any) -> None:
    match cell:
        case None:
            pass
        case str():
            # Never `write`, which would take a text that begins with "=" for a formula.
            sheet.write_string(row, column, cell[:LONGEST_TEXT])
        case datetime():
            sheet.write_datetime(row, column, cell, moment)
        case date():
            sheet.write_datetime(row, column, cell, day)
        case _:
            sheet.write_number(row, column, cell)
