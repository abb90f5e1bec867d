"""Counts of long lists: exact while that is cheap, the planner's estimate above."""

import json
from typing import Any

from django.contrib.admin.views.main import ORDER_VAR
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from unfold.views import ChangeList

EXACT_UP_TO = 10_000


class EstimatingPaginator(Paginator):
    """A paginator that never counts more than `EXACT_UP_TO` rows.

    The estimate may be too low, and then the last pages are reached by a filter or another order only.
    """

    object_list: QuerySet[Any, Any]

    @cached_property
    def count(self) -> int:
        rows = self.object_list.order_by()
        counted = rows[: EXACT_UP_TO + 1].count()
        if counted <= EXACT_UP_TO:
            return counted
        plan = json.loads(rows.explain(format="json"))[0]["Plan"]
        return max(counted, int(plan["Plan Rows"]))


class StaffChangeList(ChangeList):
    """A list that an index orders, and that needs no second count to know that it is complete."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any, Any]) -> list[Any]:
        if ORDER_VAR not in self.params:
            ordering: list[Any] = super().get_ordering(request, queryset)
            return ordering
        # Django adds the list's own order behind the chosen column, and breaks ties by falling keys. The
        # indexes have the column and the key alone, one rising where the other falls.
        ordering = super().get_ordering(request, queryset.order_by())
        first = ordering[0]
        falls = first.startswith("-") if isinstance(first, str) else getattr(first, "descending", False)
        return [*ordering[:-1], "pk"] if falls and ordering[-1] == "-pk" else ordering

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if not self.query and not self.has_active_filters:
            self.full_result_count = self.result_count
