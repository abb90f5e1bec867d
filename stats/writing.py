"""Writes cards, whatever their number, in three statements: the cards, what has changed, their maps.

Each takes the rows in the order of players, so that two writers wait for each other instead of deadlocking.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import JSONField

from faceitbot.core.errors import InvalidInput
from faceitbot.core.fields import AnyField
from stats.figures import Card
from stats.models import TRACKED, PlayerStatsCache
from stats.models.cards import FIGURES
from users.errors import UserNotFound

Keys = Sequence[UUID]
_FIELDS: dict[str, AnyField] = {
    name: PlayerStatsCache._meta.get_field(name)  # type: ignore[misc] - the names are those of columns
    for name in FIGURES
}


def _empty(name: str) -> str:
    """Give the SQL of what a column holds that says nothing."""
    field = _FIELDS[name]
    if isinstance(field, JSONField):
        return "'{}'::jsonb"
    return "NULL" if field.null else "''"


# The owners' rows are locked against erasing: who is erased meanwhile is found to be nobody. What a card is
# not told stays as it was.
_WRITE = f"""
WITH given AS (
    SELECT * FROM unnest(
        %(player_id)s::varchar[], %(game)s::varchar[], %(nickname)s::varchar[], %(user_id)s::uuid[],
        {", ".join(f"%({name})s::{field.db_type(connection)}[]" for name, field in _FIELDS.items())}
    ) AS given (player_id, game, nickname, user_id, {", ".join(FIGURES)})
), owners AS (
    SELECT id, faceit_player_id FROM users
    WHERE erased_at IS NULL AND (faceit_player_id = ANY(%(player_id)s) OR id = ANY(%(user_id)s::uuid[]))
    ORDER BY id FOR KEY SHARE
)
INSERT INTO player_stats AS old
    (id, player_id, game, nickname, user_id, expires_at, created_at, updated_at, {", ".join(FIGURES)})
SELECT gen_random_uuid(), player_id, game, nickname,
    coalesce(
        (SELECT id FROM owners WHERE owners.id = given.user_id),
        (SELECT id FROM owners WHERE owners.faceit_player_id = given.player_id)
    ),
    %(expires_at)s, %(now)s, %(now)s,
    {", ".join(f"coalesce({name}, {_empty(name)})" for name in FIGURES)}
FROM given ORDER BY player_id, game
ON CONFLICT (player_id, game) DO UPDATE SET
    nickname = EXCLUDED.nickname, user_id = EXCLUDED.user_id,
    expires_at = EXCLUDED.expires_at, updated_at = EXCLUDED.updated_at,
    {", ".join(f"{name} = coalesce(nullif(EXCLUDED.{name}, {_empty(name)}), old.{name})" for name in FIGURES)}
RETURNING *
"""

# Compared under the lock of the card, so a change is told once; and at the moment after the lock, so that
# points come in the order of the changes.
_TELL_CHANGES = f"""
INSERT INTO player_stats_points (player_id, game, at, {", ".join(TRACKED)})
SELECT card.player_id, card.game, coalesce(%(now)s, clock_timestamp()), {", ".join(f"card.{n}" for n in TRACKED)}
FROM player_stats AS card LEFT JOIN LATERAL (
    SELECT * FROM player_stats_points AS point
    WHERE point.player_id = card.player_id AND point.game = card.game
    ORDER BY at DESC, id DESC LIMIT 1
) AS last ON true
WHERE card.id = ANY(%(keys)s) AND num_nonnulls({", ".join(f"card.{n}" for n in TRACKED)}) > 0
    AND ({", ".join(f"card.{n}" for n in TRACKED)}) IS DISTINCT FROM ({", ".join(f"last.{n}" for n in TRACKED)})
ORDER BY card.player_id, card.game
"""

_COPY_MAPS = """
WITH told AS (
    SELECT id, game, expires_at, key AS map_name, value
    FROM player_stats, jsonb_each(map_performance) WHERE id = ANY(%(keys)s)
), gone AS (
    DELETE FROM player_map_stats AS map WHERE card_id = ANY(%(keys)s)
        AND NOT EXISTS (SELECT FROM told WHERE told.id = map.card_id AND told.map_name = map.map_name)
)
INSERT INTO player_map_stats
    (card_id, map_name, game, expires_at, matches, winrate, avg_rating, avg_kd, avg_adr)
SELECT id, map_name, game, expires_at, coalesce((value ->> 'matches')::int, 0), (value ->> 'winrate')::float8,
    (value ->> 'avg_rating')::float8, (value ->> 'avg_kd')::float8, (value ->> 'avg_adr')::float8
FROM told ORDER BY id, map_name
ON CONFLICT (card_id, map_name) DO UPDATE SET
    game = EXCLUDED.game, expires_at = EXCLUDED.expires_at, matches = EXCLUDED.matches,
    winrate = EXCLUDED.winrate, avg_rating = EXCLUDED.avg_rating,
    avg_kd = EXCLUDED.avg_kd, avg_adr = EXCLUDED.avg_adr
"""


def write_cards(
    cards: Sequence[Card], expires_at: datetime, now: datetime, at: datetime | None = None
) -> list[PlayerStatsCache]:
    """Make or change the cards and what hangs on them; give the rows in the order of the cards.

    `at` is the moment of the points, the database's clock unless given.
    Errors: `InvalidInput` for a player who appears twice; `UserNotFound` for a user who is not there.
    """
    if not cards:
        return []
    given = {(card.player_id, card.game): card for card in cards}
    if len(given) < len(cards):
        raise InvalidInput("a player appears twice", field="player_id")
    rows = {(row.player_id, row.game): row for row in _written(cards, expires_at, now)}
    for key, row in rows.items():
        if given[key].user_id is not None and row.user_id != given[key].user_id:
            raise UserNotFound("there is no such user", id=str(given[key].user_id))
    complete_cards([row.pk for row in rows.values()], at)
    return [rows[key] for key in given]


def complete_cards(keys: Keys, at: datetime | None = None) -> None:
    """Tell what has changed on cards that were written in this transaction, and copy their maps."""
    with connection.cursor() as cursor:
        cursor.execute(_TELL_CHANGES, {"keys": list(keys), "now": at})
        cursor.execute(_COPY_MAPS, {"keys": list(keys)})


def _written(cards: Sequence[Card], expires_at: datetime, now: datetime) -> list[PlayerStatsCache]:
    parameters: dict[str, Any] = {
        "player_id": [card.player_id for card in cards],
        "game": [card.game for card in cards],
        "nickname": [card.nickname for card in cards],
        "user_id": [card.user_id for card in cards],
        "expires_at": expires_at,
        "now": now,
        **{
            name: [_prepared(field, card.figures.get(name)) for card in cards]
            for name, field in _FIELDS.items()
        },
    }
    return list(PlayerStatsCache.objects.raw(_WRITE, parameters))


def _prepared(field: AnyField, value: Any) -> Any:
    return None if value is None else field.get_db_prep_save(value, connection)
