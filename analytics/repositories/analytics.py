"""What the bot has done and earned."""

from analytics.repositories.pruning import PruningMethods
from analytics.repositories.recording import RecordingMethods


class AnalyticsRepository(RecordingMethods, PruningMethods):
    """Metrics, and figures of the past that stay true.

    Every method of figures gives a dict that is JSON-serialisable, with the keys that it names, also when
    there is nothing to tell of. Metrics are only added and pruned, so there is no CRUD over them.
    """
