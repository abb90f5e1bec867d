"""Forgets in time what is kept about people for a while only."""

from collections import Counter
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from faceitbot.core import clock, personal
from faceitbot.core.attempts import Plan, run
from faceitbot.core.personal import PersonalTable

BATCH = 1_000
BATCH_SECONDS = 60.0


def prune_personal_data(now: datetime | None = None, *, dry_run: bool = False) -> Counter[str]:
    """Forget what is due in all tables; give how many rows of each.

    A dry run does the same work and rolls it back.
    Concurrency: bounded transactions; rows that somebody works on are left for the next time.
    """
    moment = clock.aware_or_none(now) or clock.now()
    forgotten: Counter[str] = Counter()
    for table in personal.tables():
        last: Any = None
        while True:
            body = partial(_forget_batch, table, moment, last, dry_run)
            keys = run(body, Plan("prune_personal_data", budget_seconds=BATCH_SECONDS))
            if not keys:
                break
            forgotten[table.name] += len(keys)
            last = keys[-1]
    return forgotten


def _forget_batch(table: PersonalTable, now: datetime, after: Any, dry_run: bool) -> list[Any]:
    due = table.due(now)
    if after is not None:
        due = due.filter(pk__gt=after)
    locked = due.select_for_update(skip_locked=True, no_key=True, of=("self",)).order_by("pk")
    keys = list(locked.values_list("pk", flat=True)[:BATCH])
    if not keys:
        return []
    with transaction.atomic():
        table.forget(table.model._default_manager.filter(pk__in=keys))
        if dry_run:
            transaction.set_rollback(True)
    return keys
