"""The groups of errors in the database: written now and then, bounded, and told by mail once in a while."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.db import connection

from faceitbot.core import clock
from faceitbot.core.attempts import Plan, run
from faceitbot.core.errors import FaceitBotError
from faceitbot.core.models import ErrorGroup
from faceitbot.core.monitoring import errors
from faceitbot.core.monitoring.errors import Group
from faceitbot.core.monitoring.floods import Flood

MOST_ROWS = 2_000
KEPT_FOR = timedelta(days=90)
_WRITE = Plan("error_groups.write", budget_seconds=3.0)
# In the order of the key, so that two processes wait for each other and not both.
_UPSERT = """
INSERT INTO error_groups (method, error_class, count, first_seen, last_seen, last_correlation_id)
SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::text[])
    AS met (method, error_class, count, first_seen, last_seen, last_correlation_id)
ORDER BY method, error_class
ON CONFLICT (method, error_class) DO UPDATE SET
    count = error_groups.count + excluded.count,
    first_seen = least(error_groups.first_seen, excluded.first_seen),
    last_correlation_id = CASE WHEN excluded.last_seen >= error_groups.last_seen
        THEN excluded.last_correlation_id ELSE error_groups.last_correlation_id END,
    last_seen = greatest(error_groups.last_seen, excluded.last_seen)
"""
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('error mail ' || %s, 0))"
log = structlog.get_logger(__name__)
_flood = Flood[str]()


def write_errors() -> list[Group]:
    """Add what was met since the last time to the rows; give it, written or not.

    What cannot be written comes again with the next. The same groups of several processes are added up.
    """
    groups = errors.take()
    if not groups:
        return []
    try:
        run(partial(_upsert, groups), _WRITE)
    except FaceitBotError:
        errors.give_back(groups)
    except Exception as error:  # a bug, or the table is not there yet: who is told learns of it all the same
        errors.give_back(groups)
        if _flood.admit(type(error).__name__) is not None:
            log.exception("errors.unwritten")
    return groups


def claim_mail(error_class: str, every: timedelta, now: datetime | None = None) -> bool:
    """Say whether it is our turn to tell of a class of errors; then nobody's turn comes before `every`.

    Errors: `Unavailable`. Concurrency: of any number of processes one may.
    """
    return run(partial(_claim, error_class, every, now or clock.now()), _WRITE)


def prune_errors(now: datetime | None = None) -> int:
    """Delete groups that were not met for long, and the oldest of too many; give how many."""
    moment = now or clock.now()
    return run(partial(_prune, moment), _WRITE)


def _upsert(groups: Sequence[Group]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _UPSERT,
            [
                [group.method for group in groups],
                [group.error_class for group in groups],
                [group.count for group in groups],
                [group.first_seen for group in groups],
                [group.last_seen for group in groups],
                [group.last_correlation_id for group in groups],
            ],
        )


def _claim(error_class: str, every: timedelta, now: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [error_class])
    rows = ErrorGroup.objects.filter(error_class=error_class)
    if rows.filter(mailed_at__gt=now - every).exists():
        return False
    rows.update(mailed_at=now)
    return True


def _prune(now: datetime) -> int:
    deleted, _by_table = ErrorGroup.objects.filter(last_seen__lt=now - KEPT_FOR).delete()
    too_many = ErrorGroup.objects.order_by("-last_seen", "-pk").values("pk")[MOST_ROWS:]
    more, _by_table = ErrorGroup.objects.filter(pk__in=list(too_many.values_list("pk", flat=True))).delete()
    return deleted + more
