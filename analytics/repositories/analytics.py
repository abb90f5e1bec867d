"""What the bot has done and earned."""

from analytics.models import Metric
from analytics.repositories.activity import ActivityMethods
from analytics.repositories.cohorts import CohortMethods
from analytics.repositories.dashboard import DashboardMethods
from analytics.repositories.live import LiveMethods
from analytics.repositories.performance import PerformanceMethods
from analytics.repositories.pruning import PruningMethods
from analytics.repositories.recording import RecordingMethods
from analytics.repositories.revenue import RevenueMethods
from analytics.repositories.usage import UsageMethods
from faceitbot.core.ledger import LedgerRepository


class AnalyticsRepository(
    RecordingMethods,
    PruningMethods,
    ActivityMethods,
    CohortMethods,
    PerformanceMethods,
    RevenueMethods,
    UsageMethods,
    DashboardMethods,
    LiveMethods,
    LedgerRepository[Metric],
):
    """Metrics, and figures of the past that stay true.

    Every method of figures gives a dict that is JSON-serialisable, with the keys that it names, also when
    there is nothing to tell of. Metrics are read as the rows of every repository; they are added by the verbs
    here, and only pruning takes them away, so `create`, `update` and `delete` refuse.
    """

    model = Metric
    newest = "timestamp"
    fields = frozenset(field.attname for field in Metric._meta.concrete_fields) - {"tags"}
