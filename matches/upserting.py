"""The one statement that stores an analysis: the first of a user and match, or the next revision."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model

from matches.models import MatchAnalysis
from matches.models.statuses import OVER

# The user's row is locked as the foreign key would, and asked again once the lock is there: of two, who
# erases him and who writes about him, the second sees what the first has done.
# A match that is over for others is so for him, whatever the body says that he was answered from.
_UPSERT = """
INSERT INTO match_analyses AS old ({columns})
SELECT {values}
FROM (
    SELECT id FROM users WHERE id = %(user_id)s AND erased_at IS NULL FOR KEY SHARE
) AS living LEFT JOIN (
    SELECT status, finished_at FROM match_analyses
    WHERE match_id = %(match_id)s AND status = ANY(%(over)s) AND NOT %(status)s = ANY(%(over)s)
    ORDER BY updated_at DESC, id LIMIT 1
) AS ended ON true
ON CONFLICT (user_id, match_id) DO UPDATE SET {changes}
RETURNING old.*
"""
_VALUES = {
    "user_id": "living.id",
    "status": "coalesce(ended.status, %(status)s)",
    "status_raw": "CASE WHEN ended.status IS NULL THEN %(status_raw)s ELSE '' END",
    "finished_at": "coalesce(%(finished_at)s, ended.finished_at)",
}
# What belongs to the match and is not mentioned stays; what belongs to the analysis is that of the new one.
OF_THE_MATCH = (
    "game",
    "region",
    "map_name",
    "competition_name",
    "competition_type",
    "match_url",
    "configured_at",
    "started_at",
    "finished_at",
)
PARTS = ("team1_analysis", "team2_analysis", "prediction", "details")  # JSON
OF_THE_ANALYSIS = (*PARTS, "cached_data_used", "processing_time_ms")


def upsert(user_id: UUID, match_id: str, columns: Mapping[str, Any], now: datetime) -> MatchAnalysis | None:
    """Store an analysis; None when there is no such user, or he has been erased.

    Concurrency: any number of calls for one user and match make one row and count each.
    """
    row = MatchAnalysis(
        id=uuid.uuid4(),
        user_id=user_id,
        match_id=match_id,
        created_at=now,
        updated_at=now,
        analysed_at=now,
        **columns,
    )
    parameters = parameters_of(row)
    statement = _UPSERT.format(
        columns=", ".join(parameters),
        values=", ".join(_VALUES.get(name, f"%({name})s") for name in parameters),
        changes=", ".join(f"{name} = {value}" for name, value in _changes(columns).items()),
    )
    return next(
        iter(MatchAnalysis.objects.raw(statement, {**parameters, "over": [status.value for status in OVER]})),
        None,
    )


def parameters_of(row: Model) -> dict[str, Any]:
    """Give what a statement takes of a row, by the names of its columns."""
    columns = row._meta.concrete_fields
    return {
        str(column.column): column.get_db_prep_save(getattr(row, column.attname), connection)
        for column in columns
    }


def _changes(columns: Mapping[str, Any]) -> dict[str, str]:
    """Give what becomes of each column of a row that is there already."""
    taken = [*OF_THE_ANALYSIS, "updated_at", *(name for name in OF_THE_MATCH if name in columns)]
    changes = {name: f"excluded.{name}" for name in taken}
    if "status" in columns:
        # A match that is over does not begin again, whatever an older body says.
        stays = "old.status = ANY(%(over)s) AND NOT excluded.status = ANY(%(over)s)"
        changes |= {
            name: f"CASE WHEN {stays} THEN old.{name} ELSE excluded.{name} END"
            for name in ("status", "status_raw")
        }
    return {
        **changes,
        "analysed_at": "greatest(old.analysed_at, excluded.analysed_at)",
        "revision": "old.revision + 1",
    }
