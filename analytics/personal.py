"""What the tables of analytics hold about people."""

from django.db.models import Q

from analytics.models import ActiveMonth, LateHour, Metric, RollUp, Watermark
from analytics.models.metrics import FAILED_REQUEST, USER
from faceitbot.core.personal import Person, PersonalTable


def _failures_of(person: Person) -> Q | None:
    if person.user_id is None:
        return None
    return Q(name=FAILED_REQUEST, tags__contains={USER: str(person.user_id)})


TABLES = (
    PersonalTable(
        Metric,
        also=_failures_of,
        kept=("name", "tags", "timestamp"),
        impersonal=("id", "value", "metric_type", "period"),
    ),
    PersonalTable(ActiveMonth, owners=("user",), kept=("zone", "month", "user_id", "days")),
    PersonalTable(RollUp, impersonal=("name", "span", "zone", "start", "key", "value", "gone")),
    PersonalTable(Watermark, impersonal=("name", "span", "zone", "until")),
    PersonalTable(LateHour, impersonal=("id", "source", "hour")),
)
