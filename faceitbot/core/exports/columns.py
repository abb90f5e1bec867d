"""Columns of an export, and how a value of the database becomes a cell."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.admin.utils import get_fields_from_path
from django.db.models import BooleanField, DateTimeField, DurationField, Field, IntegerField, JSONField, Model
from django.db.models.expressions import Combinable
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from faceitbot.core import clock

Cell = str | int | float | date | datetime | None
ToCell = Callable[[Any], Cell]
Source = str | Combinable
_A_DAY = timedelta(days=1)


def text(value: Any) -> Cell:
    """Give a value as text: what a spreadsheet must neither round nor compute."""
    return None if value is None else str(value)


@dataclass(frozen=True)
class Column:
    """A column of an export: the path from the row, or what makes an expression; its title; its cells."""

    source: str | Callable[[], Combinable]
    title: Any = ""
    cell: ToCell | None = None


@dataclass(frozen=True)
class Table:
    """Columns with their texts in the language of the one who exports."""

    titles: list[str]
    sources: list[Source]
    to_cells: list[ToCell]

    def cells(self, row: Sequence[Any]) -> list[Cell]:
        """Give the cells of a row."""
        return [to_cell(value) for to_cell, value in zip(self.to_cells, row, strict=True)]


def table(model: type[Model], columns: Sequence[Column]) -> Table:
    """Prepare the columns of a model for rows of any number."""
    zone = clock.bot_zone()
    titles, to_cells = [], []
    for column in columns:
        field = _field(model, column.source)
        title = capfirst(str(column.title or getattr(field, "verbose_name", "")))
        is_time = isinstance(field, DateTimeField)
        titles.append(f"{title} ({settings.BOT_TIME_ZONE})" if is_time else title)
        to_cells.append(column.cell or _to_cell(field, zone))
    sources = [column.source if isinstance(column.source, str) else column.source() for column in columns]
    return Table(titles, sources, to_cells)


def _field(model: type[Model], source: object) -> Any:
    return get_fields_from_path(model, source)[-1] if isinstance(source, str) else None


def _to_cell(field: "Field[Any, Any] | None", zone: ZoneInfo) -> ToCell:
    match field:
        case Field(choices=choices) if choices:
            labels = {value: str(label) for value, label in field.flatchoices}
            return lambda value: labels.get(value, text(value))
        case DateTimeField():
            return lambda value: value and value.astimezone(zone).replace(tzinfo=None, microsecond=0)
        case BooleanField():
            yes, no = _("yes"), _("no")
            return lambda value: yes if value else no
        case DurationField():
            return lambda value: None if value is None else round(value / _A_DAY, 2)
        case JSONField():
            return lambda value: json.dumps(value, ensure_ascii=False) if value else None
        case IntegerField():
            return lambda value: value
    return text
