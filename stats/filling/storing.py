"""Writes what players did in matches, in one statement; a body that comes again changes nothing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from stats.columns import arrays, fields_of, prefixed
from stats.filling.rows import Row
from stats.models import PlayerMatch
from stats.models.matches import COUNTS

_KEY = ("player_id", "match_id", "match_round")
_TOLD = ("nickname", "game", "map_name", "finished_at", "won", *COUNTS, "adr", "rating", "rating_version")
_FIELDS = fields_of(PlayerMatch, (*_KEY, *_TOLD))


def _statement(kept: str) -> str:
    """Give the statement in which what `kept` says is the value of a column that both bodies tell."""
    changes = {name: kept.format(name) for name in _TOLD}
    return f"""
INSERT INTO player_matches AS old ({", ".join(_FIELDS)}, created_at)
SELECT given.*, %(now)s
FROM unnest({arrays(_FIELDS)})
    AS given ({", ".join(_FIELDS)})
ORDER BY {", ".join(_KEY)}
ON CONFLICT ({", ".join(_KEY)}) DO UPDATE SET {", ".join(f"{n} = {value}" for n, value in changes.items())}
WHERE ({prefixed("old", _TOLD)}) IS DISTINCT FROM ({", ".join(changes.values())})
"""


_RICHER = _statement("coalesce(EXCLUDED.{0}, old.{0})")
_POORER = _statement("coalesce(old.{0}, EXCLUDED.{0})")


def store(rows: Sequence[Row], now: datetime, *, richer: bool) -> int:
    """Add what is new and complete what is known; give how many rows that changed.

    `richer` bodies replace what they tell, others only add what nobody has told; neither makes anything
    unknown that was known.
    """
    if not rows:
        return 0
    parameters: dict[str, Any] = {name: [row[name] for row in rows] for name in _FIELDS}
    with connection.cursor() as cursor:
        cursor.execute(_RICHER if richer else _POORER, {**parameters, "now": now})
        return int(cursor.rowcount)
