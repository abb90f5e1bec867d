"""Writes cards, whatever their number, in two statements: the cards, and what follows from them.

Each takes the rows in the order of players, so that two writers wait for each other instead of deadlocking.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import JSONField

from faceitbot.core.errors import InvalidInput
from faceitbot.core.fields import AnyField
from stats.columns import arrays, fields_of, prefixed
from stats.figures import Card
from stats.models import TRACKED, PlayerStatsCache
from stats.models.cards import FIGURES
from users.errors import UserNotFound

Key = tuple[str, str]  # player and game
# `lifetime` is written by what reads bodies of FACEIT, never by whoever gives figures.
_COLUMNS = (*FIGURES, "lifetime")
_FIELDS = fields_of(PlayerStatsCache, _COLUMNS)
_TRACKED = prefixed("card", TRACKED)
_PROFILE = ("skill_level", "faceit_elo")


def _empty(name: str) -> str:
    """Give the SQL of what a column holds that says nothing."""
    field = _FIELDS[name]
    if isinstance(field, JSONField):
        return "'{}'::jsonb"
    return "NULL" if field.null else "''"


def _kept(name: str) -> str:
    """Give the SQL of what a column holds after it may have been told something."""
    kept = f"coalesce(nullif(EXCLUDED.{name}, {_empty(name)}), old.{name})"
    if name in _PROFILE:
        return f"CASE WHEN %(current)s OR old.expires_at > %(now)s THEN {kept} END"
    if name == "rating_version":  # tells of the rating that it came with, of no other
        return f"CASE WHEN EXCLUDED.hltv_rating IS NULL THEN {kept} ELSE EXCLUDED.{name} END"
    if name == "player_role":  # matches that speak for none any more take it back
        return f"CASE WHEN %(current)s THEN {kept} ELSE EXCLUDED.{name} END"
    return kept


_NAMED = "(%(current)s OR EXCLUDED.named_at >= coalesce(old.named_at, '-infinity'))"

# The owners' rows are locked first, against erasing: who is erased meanwhile is found to be nobody. Then the
# cards that are there, in order. What a card is not told stays as it was; but matches tell no level and no
# ELO, so they neither keep these longer than they were good for nor bring them back, and the nickname of an
# old match does not replace a newer one.
_WRITE = f"""
WITH given AS (
    SELECT * FROM unnest(
        %(player_id)s::varchar[], %(game)s::varchar[], %(nickname)s::varchar[], %(named_at)s::timestamptz[],
        %(user_id)s::uuid[], {arrays(_FIELDS)}
    ) AS given (player_id, game, nickname, named_at, user_id, {", ".join(_COLUMNS)})
), owners AS (
    SELECT id, faceit_player_id FROM users
    WHERE erased_at IS NULL AND (faceit_player_id = ANY(%(player_id)s) OR id = ANY(%(user_id)s::uuid[]))
    ORDER BY id FOR KEY SHARE
), former AS (
    SELECT player_id, game, nickname FROM player_stats
    WHERE (SELECT count(*) FROM owners) >= 0
        AND (player_id, game) IN (SELECT * FROM unnest(%(player_id)s::varchar[], %(game)s::varchar[]))
    ORDER BY player_id, game FOR NO KEY UPDATE
), written AS (
    INSERT INTO player_stats AS old
        (id, player_id, game, nickname, named_at, user_id, expires_at, created_at, updated_at,
        {", ".join(_COLUMNS)})
    SELECT gen_random_uuid(), player_id, game, given.nickname, given.named_at,
        coalesce(named.id, linked.id), %(expires_at)s, %(now)s, %(now)s,
        {", ".join(f"coalesce({name}, {_empty(name)})" for name in _COLUMNS)}
    FROM given LEFT JOIN former USING (player_id, game)
        LEFT JOIN owners AS named ON named.id = given.user_id
        LEFT JOIN owners AS linked ON linked.faceit_player_id = given.player_id
    ORDER BY player_id, game
    ON CONFLICT (player_id, game) DO UPDATE SET
        nickname = CASE WHEN {_NAMED} THEN EXCLUDED.nickname ELSE old.nickname END,
        named_at = CASE WHEN {_NAMED} THEN EXCLUDED.named_at ELSE old.named_at END,
        user_id = EXCLUDED.user_id,
        expires_at = CASE
            WHEN %(current)s OR old.expires_at <= %(now)s OR num_nonnulls({prefixed("old", _PROFILE)}) = 0
            THEN EXCLUDED.expires_at
            ELSE least(old.expires_at, EXCLUDED.expires_at)
        END,
        updated_at = EXCLUDED.updated_at,
        {", ".join(f"{name} = {_kept(name)}" for name in _COLUMNS)}
    RETURNING *, xmax <> 0 AS was_there
)
SELECT written.*, former.nickname AS former FROM written LEFT JOIN former USING (player_id, game)
"""

# A point says what is known: a card that was deleted and made anew does not make figures unknown.
_KNOWN = ", ".join(f"coalesce(card.{name}, last.{name})" for name in TRACKED)

# A point is compared under the lock of the card, so a change is told once; and it is of the moment after the
# lock, so points come in the order of the changes.
_COMPLETE = f"""
WITH points AS (
    INSERT INTO player_stats_points (player_id, game, at, {", ".join(TRACKED)})
    SELECT card.player_id, card.game, coalesce(%(at)s, clock_timestamp()),
        {_KNOWN}
    FROM player_stats AS card LEFT JOIN LATERAL (
        SELECT * FROM player_stats_points AS point
        WHERE point.player_id = card.player_id AND point.game = card.game
        ORDER BY at DESC, id DESC LIMIT 1
    ) AS last ON true
    WHERE card.id = ANY(%(keys)s) AND num_nonnulls({_TRACKED}) > 0
        AND ({_KNOWN})
            IS DISTINCT FROM ({prefixed("last", TRACKED)})
), told AS (
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


@dataclass(frozen=True)
class Written:
    """The rows as they are now; `former` are the nicknames that some had before.

    With `unknown_former`, somebody else has made a row meanwhile, and nobody knows what it was called.
    """

    rows: list[PlayerStatsCache]
    former: Mapping[Key, str]
    unknown_former: bool


def put(cards: Sequence[Card], expires_at: datetime, now: datetime, *, current: bool = True) -> Written:
    """Make or change the cards, and lock them; give the rows in the order of the cards.

    Not `current` is what was made of matches, past ones: a live card with a level or an ELO expires when it
    would have, one that has expired loses both, and the latest nickname stays.
    Errors: `InvalidInput` for a player who appears twice; `UserNotFound` for a user who is not there.
    """
    if len({(card.player_id, card.game) for card in cards}) < len(cards):
        raise InvalidInput("a player appears twice", field="player_id")
    values = {
        **_values(cards, now if current else None),
        "expires_at": expires_at,
        "now": now,
        "current": current,
    }
    found: list[Any] = list(PlayerStatsCache.objects.raw(_WRITE, values))
    rows = {(row.player_id, row.game): row for row in found}
    for card in cards:
        if card.user_id is not None and rows[card.player_id, card.game].user_id != card.user_id:
            raise UserNotFound("there is no such user", id=str(card.user_id))
    former = {key: row.former for key, row in rows.items() if row.former is not None}
    surprised = any(row.was_there and key not in former for key, row in rows.items())
    return Written([rows[card.player_id, card.game] for card in cards], former, surprised)


def complete(keys: Sequence[UUID], at: datetime | None = None) -> None:
    """Tell of cards that were written in this transaction what has changed, and copy their maps.

    `at` is the moment of the points, that of the database unless given.
    """
    with connection.cursor() as cursor:
        cursor.execute(_COMPLETE, {"keys": list(keys), "at": at})


def write_cards(
    cards: Sequence[Card],
    expires_at: datetime,
    now: datetime,
    at: datetime | None = None,
    *,
    current: bool = True,
) -> Written:
    """Make or change the cards and what hangs on them; the rows come in the order of the cards.

    `current` and errors: as `put`.
    """
    if not cards:
        return Written([], {}, unknown_former=False)
    written = put(cards, expires_at, now, current=current)
    complete([row.pk for row in written.rows], at)
    return written


def _values(cards: Sequence[Card], named_at: datetime | None) -> dict[str, Any]:
    return {
        "player_id": [card.player_id for card in cards],
        "game": [card.game for card in cards],
        "nickname": [card.nickname for card in cards],
        "named_at": [card.named_at or named_at for card in cards],
        "user_id": [card.user_id for card in cards],
        **{
            name: [_prepared(field, card.figures.get(name)) for card in cards]
            for name, field in _FIELDS.items()
        },
    }


def _prepared(field: AnyField, value: Any) -> Any:
    return None if value is None else field.get_db_prep_save(value, connection)
