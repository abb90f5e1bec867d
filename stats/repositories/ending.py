"""What is learnt about matches after players' statistics of them."""

from datetime import datetime

from faceitbot.core import clock
from faceitbot.core.ids import faceit_id
from faceitbot.core.transactions import transactional
from stats.models import PlayerMatch


class EndingMethods:
    """When matches were played, for bodies of statistics do not say it."""

    @transactional()
    def record_match_end(self, match_id: str, finished_at: datetime) -> int:
        """Note when a match ended on its players' rows that do not know it yet; give how many those are.

        Until then they counted as played when they were first heard of. Cards that were made meanwhile take
        the order of matches that follows from it when they are made anew.
        """
        match, ended = faceit_id(match_id, "match_id"), clock.aware(finished_at, "finished_at")
        rows = PlayerMatch.objects.filter(match_id=match, finished_at__isnull=True)
        keys = list(rows.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
        return PlayerMatch.objects.filter(pk__in=keys).update(finished_at=ended)
