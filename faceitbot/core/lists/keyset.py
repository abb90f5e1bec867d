"""Pages of a list that are found by their first or last row, never by counting off the rows before.

A page begins behind a row, in the list's own order. Rows that come in or go out elsewhere do not move it,
and the thousandth page takes as long as the second: each range of rows is one range of an index.
"""

import base64
import binascii
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db.models import F, Field, Model, Q, QuerySet
from django.db.models.expressions import OrderBy

LAST = "last"
_BEHIND, _BEFORE = ">", "<"


@dataclass(frozen=True)
class Column:
    """A column of an order, and which way it goes."""

    field: "Field[Any, Any]"
    falls: bool
    nulls_first: bool

    @property
    def name(self) -> str:
        """The column's name in conditions."""
        return self.field.attname

    def reversed(self) -> "Column":
        """Give the column as the opposite order has it."""
        return replace(self, falls=not self.falls, nulls_first=not self.nulls_first)

    def expression(self) -> OrderBy:
        """Give what a queryset is ordered by; where NULLs go is said only where it is unusual."""
        unusual = self.nulls_first != self.falls and self.field.null
        order = F(self.name).desc if self.falls else F(self.name).asc
        if not unusual:
            return order()
        return order(nulls_first=True) if self.nulls_first else order(nulls_last=True)

    def behind(self, value: Any) -> Iterator[Q]:
        """Give the conditions on rows behind a value, one for each range of the index, in their order."""
        if value is None:
            if self.nulls_first:
                yield Q(**{f"{self.name}__isnull": False})
            return
        yield Q(**{f"{self.name}__{'lt' if self.falls else 'gt'}": value})
        if self.field.null and not self.nulls_first:
            yield Q(**{f"{self.name}__isnull": True})

    def at(self, value: Any) -> Q:
        """Give the condition on rows that have this value."""
        return Q(**({f"{self.name}__isnull": True} if value is None else {self.name: value}))


@dataclass(frozen=True)
class Page:
    """Rows of a list, and the marks of the pages on both sides; "" where there is none."""

    rows: list[Any]
    previous: str
    next: str


def columns_of(model: type[Model], ordering: Sequence[Any]) -> list[Column]:
    """Give the columns that a list is ordered by, which must be the model's own, the last one unique."""
    return [_column(model, part) for part in ordering]


def page(rows: QuerySet[Any, Any], columns: Sequence[Column], size: int, mark: str) -> Page:
    """Give the page that a mark means; the first one for a mark that means nothing."""
    if mark == LAST:
        found = _from_the_end(rows, columns, size, None)
        return _page(found[-size:], columns, previous=len(found) > size, next_=False)
    side, row = mark[:1], _values(mark[1:], columns)
    if side == _BEFORE and row:
        found = _from_the_end(rows, columns, size, row)
        if len(found) >= size:
            return _page(found[-size:], columns, previous=len(found) > size, next_=True)
    if side == _BEHIND and row:
        found = _take(rows, columns, size + 1, row)
        return _page(found[:size], columns, previous=True, next_=len(found) > size)
    found = _take(rows, columns, size + 1, None)
    return _page(found[:size], columns, previous=False, next_=len(found) > size)


def _page(rows: list[Any], columns: Sequence[Column], *, previous: bool, next_: bool) -> Page:
    if not rows:
        return Page([], LAST if previous else "", "")
    return Page(
        rows,
        _BEFORE + _mark(rows[0], columns) if previous else "",
        _BEHIND + _mark(rows[-1], columns) if next_ else "",
    )


def _from_the_end(
    rows: QuerySet[Any, Any], columns: Sequence[Column], size: int, row: Sequence[Any] | None
) -> list[Any]:
    """Give the rows before a row, or the last ones, in the list's order, and one more than a page has."""
    return _take(rows, [column.reversed() for column in columns], size + 1, row)[::-1]


def _take(
    rows: QuerySet[Any, Any], columns: Sequence[Column], number: int, row: Sequence[Any] | None
) -> list[Any]:
    rows = rows.order_by(*(column.expression() for column in columns))
    if row is None:
        return list(rows[:number])
    found: list[Any] = []
    for condition in _behind(columns, row):
        found += rows.filter(condition)[: number - len(found)]
        if len(found) == number:
            break
    return found


def _behind(columns: Sequence[Column], row: Sequence[Any]) -> Iterator[Q]:
    """Give the ranges behind a row: first what shares all columns but the last with it."""
    for depth in reversed(range(len(columns))):
        shared = Q()
        for column, value in zip(columns[:depth], row, strict=False):
            shared &= column.at(value)
        for condition in columns[depth].behind(row[depth]):
            yield shared & condition


def _column(model: type[Model], part: Any) -> Column:
    if isinstance(part, str):
        name, falls = part.removeprefix("-"), part.startswith("-")
        return _of(model, name, falls=falls, nulls_first=falls)
    order = part if isinstance(part, OrderBy) else OrderBy(part)
    if not isinstance(order.expression, F):
        raise TypeError(f"a list can be ordered by its own columns only, not by {part!r}")
    nulls_first = bool(order.nulls_first) or (order.descending and not order.nulls_last)
    return _of(model, cast("Any", order.expression).name, falls=order.descending, nulls_first=nulls_first)


def _of(model: type[Model], name: str, *, falls: bool, nulls_first: bool) -> Column:
    meta = model._meta
    field = meta.pk if name == "pk" else meta.get_field(name)
    return Column(cast("Field[Any, Any]", field), falls, nulls_first)


def _mark(row: Any, columns: Sequence[Column]) -> str:
    values = [getattr(row, column.name) for column in columns]
    texts = [
        None if value is None else column.field.value_to_string(row)
        for column, value in zip(columns, values, strict=True)
    ]
    return base64.urlsafe_b64encode(json.dumps(texts).encode()).decode().rstrip("=")


def _values(mark: str, columns: Sequence[Column]) -> list[Any] | None:
    """Read the values of the row that a mark names; None for anything that an address may hold instead."""
    try:
        texts = json.loads(base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)))
        if not isinstance(texts, list) or len(texts) != len(columns):
            return None
        values = [column.field.to_python(text) for column, text in zip(columns, texts, strict=True)]
    except (binascii.Error, ValueError, TypeError, ValidationError):
        return None
    known = all(value is not None or column.field.null for column, value in zip(columns, values, strict=True))
    return values if known else None
