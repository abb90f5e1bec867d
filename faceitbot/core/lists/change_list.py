"""A list of the admin whose pages are found by an index."""

from typing import Any

from django.contrib.admin.views.main import ORDER_VAR, PAGE_VAR
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from unfold.views import ChangeList

from faceitbot.core.lists import keyset
from faceitbot.core.lists.counting import Counted, CountingPaginator


class StaffChangeList(ChangeList):
    """The rows that an address means; nothing is read before it is asked for."""

    paginator: CountingPaginator
    mark: str
    show_full_result_count = False
    show_admin_actions = True

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any, Any]) -> list[Any]:
        if ORDER_VAR not in self.params:
            ordering: list[Any] = super().get_ordering(request, queryset)
            return ordering
        # Django adds the list's own order behind the chosen columns, and breaks ties by falling keys. The
        # indexes have one column and the key alone, one rising where the other falls.
        self.params[ORDER_VAR] = self.params[ORDER_VAR].partition(".")[0]
        ordering = super().get_ordering(request, queryset.order_by())
        first = ordering[0]
        falls = first.startswith("-") if isinstance(first, str) else getattr(first, "descending", False)
        return [*ordering[:-1], "pk"] if falls and ordering[-1] == "-pk" else ordering

    def get_ordering_field(self, field_name: Any) -> Any:
        """Give what a column is ordered by; None where the list does not offer it."""
        return super().get_ordering_field(field_name) if field_name in self.sortable_by else None

    def get_results(self, request: HttpRequest) -> None:
        self.paginator = self.model_admin.get_paginator(request, self.queryset, self.list_per_page)
        self.mark = request.GET.get(PAGE_VAR, "")

    # ---- How many there are

    @property
    def counted(self) -> Counted:
        """How many rows there are, and what they come to."""
        if self.paginator.totals or self.show_all or self.multi_page:
            return self.paginator.counted
        return Counted(len(self.result_list), {})  # they are all on this page

    @property
    def result_count(self) -> int:
        return self.counted.number

    @property
    def full_result_count(self) -> int | None:
        """As many where nothing was left out: it needs no second count to know that."""
        return None if self.query or self.has_active_filters else self.result_count

    @property
    def can_show_all(self) -> bool:
        return self.counted.is_exact and self.result_count <= self.list_max_show_all

    # ---- The page

    @cached_property
    def page(self) -> keyset.Page:
        """The rows to show, and what lies on both sides."""
        everything = self.show_all and self.can_show_all
        size = self.list_max_show_all if everything else self.list_per_page
        columns = keyset.columns_of(self.model, self.queryset.query.order_by)
        return keyset.page(self.queryset, columns, size, self.mark)

    @property
    def result_list(self) -> list[Any]:
        return self.page.rows

    @property
    def multi_page(self) -> bool:
        return bool(self.page.previous or self.page.next)

    @property
    def first_url(self) -> str:
        """The way back to the newest rows; "" on their page."""
        return str(self.get_query_string()) if self.page.previous else ""

    @property
    def previous_url(self) -> str:
        return self._to(self.page.previous)

    @property
    def next_url(self) -> str:
        return self._to(self.page.next)

    @property
    def last_url(self) -> str:
        return self._to(keyset.LAST) if self.page.next else ""

    def _to(self, mark: str) -> str:
        return str(self.get_query_string({PAGE_VAR: mark})) if mark else ""
