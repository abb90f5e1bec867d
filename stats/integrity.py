"""What must be true of statistics beyond what constraints can say."""

from faceitbot.core import integrity
from faceitbot.core.integrity import Invariant, by_query

# Whoever writes one card writes its maps in the same transaction; one statement sees both or neither.
_MAPS_THAT_DIFFER = """
SELECT 'card ' || coalesce(card.id, map.card_id) || ', ' || coalesce(card.map_name, map.map_name)
FROM (
    SELECT player_stats.id, game, expires_at, key AS map_name, value AS told
    FROM player_stats, jsonb_each(map_performance)
) AS card
FULL JOIN player_map_stats AS map ON map.card_id = card.id AND map.map_name = card.map_name
WHERE card.id IS NULL OR map.card_id IS NULL
    OR (map.game, map.expires_at) IS DISTINCT FROM (card.game, card.expires_at)
    OR map.matches IS DISTINCT FROM coalesce((told ->> 'matches')::float8, 0)
    OR map.winrate IS DISTINCT FROM (told ->> 'winrate')::float8
    OR map.avg_rating IS DISTINCT FROM (told ->> 'avg_rating')::float8
    OR map.avg_kd IS DISTINCT FROM (told ->> 'avg_kd')::float8
    OR map.avg_adr IS DISTINCT FROM (told ->> 'avg_adr')::float8
"""
_CARDS_OF_ERASED = """
SELECT 'card ' || player_stats.id FROM player_stats
JOIN users ON users.id = player_stats.user_id WHERE users.erased_at IS NOT NULL
"""
_POINTS_THAT_TELL_NOTHING = """
SELECT 'point ' || id FROM (
    SELECT id, (skill_level, faceit_elo, winrate, avg_kd, avg_adr, hltv_rating) AS figures,
        lag((skill_level, faceit_elo, winrate, avg_kd, avg_adr, hltv_rating))
            OVER (PARTITION BY player_id, game ORDER BY id) AS before
    FROM player_stats_points
) AS points
WHERE figures IS NOT DISTINCT FROM before
"""

INVARIANTS = [
    Invariant(
        "maps_are_those_of_cards",
        "the table of maps says of each card what the card says",
        by_query(_MAPS_THAT_DIFFER),
    ),
    Invariant(
        "erased_people_have_no_cards",
        "no card is linked to an erased user",
        by_query(_CARDS_OF_ERASED),
    ),
    Invariant(
        "points_tell_of_changes",
        "no two points of a player that follow each other say the same",
        by_query(_POINTS_THAT_TELL_NOTHING),
    ),
]


def register() -> None:
    """Have them checked."""
    for invariant in INVARIANTS:
        integrity.register(invariant)
