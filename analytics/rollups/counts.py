"""What is counted. A new count is one declaration here: the next run sums up its past, too.

Names and keys are stored: whoever gives an old name a new meaning runs `update_rollups --redo`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from django.db.models import Aggregate, CharField, Count, Max, Q, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Concat, Left

from analytics.models.metrics import KIND
from analytics.models.rollups import MAX_KEY_LENGTH
from analytics.rollups.durations import bin_of
from analytics.sources import ACTIVITY, ANALYSES, EVENTS, FAILURES, REFUNDS, REGISTRATIONS, SALES, Source
from faceitbot.core.errors import InvalidInput
from subscriptions.models import ChargeKind

ACTIVE_USERS = "active_users"
NO_KEY = Value("", output_field=CharField())


class Adding(Enum):
    """What becomes of the values of two stretches in the value of both."""

    SUM = "sum"
    MAX = "max"
    USERS = "users"  # whoever is in both counts once: from the days of each user


@dataclass(frozen=True)
class Declared:
    """A count: of which rows, what of them, and in which parts."""

    name: str
    source: Source
    value: Aggregate
    key: Combinable = NO_KEY
    adding: Adding = Adding.SUM


def _declare(counts: Iterable[Declared]) -> Mapping[str, Declared]:
    return {count.name: count for count in counts}


_plan = Concat("tier", Value("_"), Coalesce("order__duration", Value("other")), output_field=CharField())
_kind = Left(Coalesce(KeyTextTransform(KIND, "tags"), Value("")), MAX_KEY_LENGTH)
_has_time = Q(processing_time_ms__isnull=False)
_time = "processing_time_ms"

COUNTS = _declare(
    [
        Declared(ACTIVE_USERS, ACTIVITY, Count("user_id", distinct=True), adding=Adding.USERS),
        Declared("requests", ACTIVITY, Sum("requests")),
        Declared("new_users", REGISTRATIONS, Count("*")),
        Declared("analyses", ANALYSES, Count("*")),
        Declared("cache_hits", ANALYSES, Count("pk", filter=Q(cached_data_used=True))),
        # Processing times: how many there are of each length, their sum, and the longest. In milliseconds.
        Declared("times", ANALYSES, Count(_time), key=Cast(bin_of(_time), CharField())),
        Declared("times_sum", ANALYSES, Sum(_time, filter=_has_time, default=0)),
        Declared("times_max", ANALYSES, Max(_time, default=0), adding=Adding.MAX),
        # Money, by plan: "premium_monthly". In Stars, and how many there were.
        Declared("revenue", SALES, Sum("amount"), key=_plan),
        Declared("payments", SALES, Count("*"), key=_plan),
        Declared("renewals", SALES, Count("pk", filter=Q(charge_kind=ChargeKind.RENEWAL)), key=_plan),
        Declared("refunds", REFUNDS, Sum("amount"), key=_plan),
        Declared("refunded_payments", REFUNDS, Count("*"), key=_plan),
        # Each event is one failure, whatever value somebody has given it: a sum of values may be any number.
        Declared("errors", FAILURES, Count("*"), key=_kind),
        # How often each event was reported.
        Declared("events", EVENTS, Count("*"), key=Left("name", MAX_KEY_LENGTH)),
    ]
)


def count_named(name: str) -> Declared:
    """Give a declared count. Errors: `InvalidInput` for one that nobody has declared."""
    if name not in COUNTS:
        raise InvalidInput(f"there is no count {name!r}; there are {', '.join(COUNTS)}", field="name")
    return COUNTS[name]
