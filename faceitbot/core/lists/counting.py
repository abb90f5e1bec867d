"""Counts and totals of long lists: exact while that is cheap, the planner's estimate above."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from django.core.paginator import Paginator
from django.db.models import Aggregate, Count, QuerySet
from django.utils.functional import cached_property

from faceitbot.core.lists.time_limit import TookTooLong, time_limit

EXACT_UP_TO = 10_000
SECONDS_TO_COUNT = 0.15
SECONDS_TO_ADD_UP = 4.0
Aggregates = Mapping[str, Aggregate]


class Counted(NamedTuple):
    """How many rows a list has, and what they come to; without totals the number is an estimate."""

    number: int
    totals: dict[str, Any] | None

    @property
    def is_exact(self) -> bool:
        """Whether the rows were counted."""
        return self.totals is not None


def count(rows: QuerySet[Any, Any], totals: Aggregates) -> Counted:
    """Count rows and add them up in one statement, which reads `EXACT_UP_TO` of them at most."""
    rows = rows.order_by()
    try:
        with time_limit(SECONDS_TO_COUNT):
            found = rows[: EXACT_UP_TO + 1].aggregate(rows_counted=Count("pk"), **totals)
    except TookTooLong:
        return Counted(_estimate(rows), None)
    number = found.pop("rows_counted")
    if number <= EXACT_UP_TO:
        return Counted(number, found)
    return Counted(max(number, _estimate(rows)), None)


def add_up(rows: QuerySet[Any, Any], totals: Aggregates) -> Counted:
    """Count all rows and add them up, however many they are.

    Errors: `TookTooLong`.
    """
    with time_limit(SECONDS_TO_ADD_UP):
        found = rows.order_by().aggregate(rows_counted=Count("pk"), **totals)
    return Counted(found.pop("rows_counted"), found)


def _estimate(rows: QuerySet[Any, Any]) -> int:
    return int(json.loads(rows.explain(format="json"))[0]["Plan"]["Plan Rows"])


class CountingPaginator(Paginator):
    """A paginator whose pages are reached from their neighbours, not by number."""

    object_list: QuerySet[Any, Any]
    template_name = "admin/core/pages.html"
    totals: Aggregates = {}

    @cached_property
    def counted(self) -> Counted:
        """How many rows there are, and what they come to."""
        return count(self.object_list, self.totals)

    @property
    def count(self) -> int:
        """How many rows there are, roughly where there are many."""
        return self.counted.number
