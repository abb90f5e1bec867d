"""The rows of other apps that figures are made of, read and never written."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Min, QuerySet

from analytics.models import Metric
from analytics.models.metrics import FAILED_REQUEST
from matches.models import MatchAnalysis
from subscriptions.models import Payment
from users.models import User, UserActivity

Rows = QuerySet[Any]


@dataclass(frozen=True)
class Source:
    """Rows that each belong to one moment; an index of that column serves every reading.

    `name` is the table and the column, and so a trigger names the source of a row that comes late. Rows of a
    source that is `folded` stand for a whole hour each; old ones are moved into other hours, none is lost.
    """

    table: str
    at: str
    all_rows: Callable[[], Rows]
    folded: bool = False

    @property
    def name(self) -> str:
        """The table and the column of the moment."""
        return f"{self.table}.{self.at}"

    def rows(self, start: datetime, end: datetime) -> Rows:
        """Give the rows of a stretch of time, its start included, its end not."""
        return self.all_rows().order_by().filter(**{f"{self.at}__gte": start, f"{self.at}__lt": end})

    def first_moment(self) -> datetime | None:
        """Give the moment of the oldest row; None without one."""
        first: datetime | None = self.all_rows().aggregate(first=Min(self.at))["first"]
        return first


ACTIVITY = Source("user_activity", "hour", UserActivity.objects.all, folded=True)
REGISTRATIONS = Source("users", "created_at", User.objects.all)
# An analysis belongs to the moment when it was last made, as it does in the figures of matches.
ANALYSES = Source("match_analyses", "analysed_at", MatchAnalysis.objects.all)
SALES = Source("payments", "completed_at", lambda: Payment.objects.filter(completed_at__isnull=False))
REFUNDS = Source(
    "payments",
    "refunded_at",
    lambda: Payment.objects.filter(refunded_at__isnull=False, completed_at__isnull=False),
)
EVENTS = Source("metrics", "timestamp", Metric.objects.all)
FAILURES = Source("metrics", "timestamp", lambda: Metric.objects.filter(name=FAILED_REQUEST))
