"""Deletes what is of no use any more, in bounded transactions."""

from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from faceitbot.core import bulk
from faceitbot.core.attempts import Plan, run
from stats.models import PlayerMatch, PlayerStatsCache, PlayerStatsPoint

BATCH = 1_000


def delete_expired_cards(before: datetime, *, dry_run: bool) -> int:
    """Delete the cards that had expired by a moment, with their maps; give how many."""
    return _delete_all(PlayerStatsCache, Q(expires_at__lte=before), dry_run=dry_run)


def delete_old_points(before: datetime, *, dry_run: bool) -> int:
    """Delete the points of before a moment; give how many. A trigger refuses it of those of the last days.

    The newest point of a player in a game stays however old it is: his figures are still what it says.
    """
    of_the_same = PlayerStatsPoint.objects.filter(player_id=OuterRef("player_id"), game=OuterRef("game"))
    later = of_the_same.filter(Q(at__gt=OuterRef("at")) | Q(at=OuterRef("at"), pk__gt=OuterRef("pk")))
    return _delete_all(PlayerStatsPoint, Q(Exists(later), at__lt=before), dry_run=dry_run)


def delete_old_matches(before: datetime, *, dry_run: bool) -> int:
    """Delete what players did in matches of before a moment; give how many rows that were."""
    return _delete_all(PlayerMatch, Q(played_at__lt=before), dry_run=dry_run)


def _delete_all(model: type[Model], condition: Q, *, dry_run: bool) -> int:
    deleted, last = 0, None
    while True:
        body = partial(_delete_batch, model, condition, last, dry_run)
        keys = run(body, Plan(f"delete {model._meta.db_table}"))
        if not keys:
            return deleted
        deleted += len(keys)
        last = keys[-1]


def _delete_batch(model: type[Model], condition: Q, after: Any, dry_run: bool) -> list[Any]:
    """Delete a batch; rows that somebody works on are left for the next time."""
    rows: QuerySet[Model] = model._default_manager.filter(condition)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    locked = rows.select_for_update(skip_locked=True).order_by("pk")
    keys = list(locked.values_list("pk", flat=True)[:BATCH])
    if keys:
        with transaction.atomic():
            bulk.delete_rows(model, keys)
            if dry_run:
                transaction.set_rollback(True)
    return keys
