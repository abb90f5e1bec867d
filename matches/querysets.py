"""Named conditions and orders over analyses and stored bodies."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db.models import Q, QuerySet

if TYPE_CHECKING:
    from matches.models import MatchAnalysis  # noqa: F401 - named in quotes below


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
