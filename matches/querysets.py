"""Named conditions and orders over analyses and stored bodies."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import connection
from django.db.models import Q, QuerySet

if TYPE_CHECKING:
    from matches.models import MatchAnalysis  # noqa: F401 - named in quotes below

# Steps from one value to the next in an index that begins with the column: as many steps as there are values.
_VALUES = """
WITH RECURSIVE found AS (
    (SELECT min({column}) AS value FROM match_analyses)
    UNION ALL
    SELECT (SELECT min({column}) FROM match_analyses WHERE {column} > found.value)
    FROM found WHERE found.value IS NOT NULL
)
SELECT value FROM found WHERE value IS NOT NULL LIMIT %s
"""


class MatchAnalysisQuerySet(QuerySet["MatchAnalysis"]):
    """What repositories and admin ask of the analyses' table."""

    def newest_first(self) -> Self:
        """Order by the time of the analysis."""
        return self.order_by("-analysed_at", "id")

    def analysed_within(self, start: datetime | None, end: datetime | None) -> Self:
        """Keep those of a stretch of time, its start included and its end not; None is no bound."""
        within = Q()
        if start is not None:
            within &= Q(analysed_at__gte=start)
        if end is not None:
            within &= Q(analysed_at__lt=end)
        return self.filter(within)


def values_of(column: str, most: int) -> Sequence[str]:
    """Give the values that a column of the analyses has, by the index that begins with it."""
    with connection.cursor() as cursor:
        cursor.execute(_VALUES.format(column=connection.ops.quote_name(column)), [most])
        return [value for (value,) in cursor.fetchall()]
