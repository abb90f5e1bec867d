"""Lists that are searched by whole texts which staff paste, on conditions that indexes serve."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from faceitbot.core.staff import ReadOnlyAdmin
from faceitbot.core.text import find_hostile_character


class FoundByText(ReadOnlyAdmin):
    """A list that finds what `searched` says; what no column can hold finds nothing."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        if find_hostile_character(term):
            return queryset.none(), False
        return self.searched(queryset, term), False

    def searched(self, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        """Give the rows that a search means."""
        raise NotImplementedError
