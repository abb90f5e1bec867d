"""Whose of our users a card is, as users link and unlink their accounts."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from faceitbot.core.cache.caching import Caching
from faceitbot.core.repository import BATCH_SECONDS
from faceitbot.core.transactions import transactional
from stats.models import PlayerStatsCache

# Each of the two ways to a card has an index. Cards are locked in the order in which all writers take them.
_FOLLOW = """
WITH asked AS (
    SELECT id FROM player_stats WHERE user_id = ANY(%(users)s)
    UNION
    SELECT card.id FROM users JOIN player_stats AS card ON card.player_id = users.faceit_player_id
    WHERE users.id = ANY(%(users)s)
), cards AS (
    SELECT card.id, linked.id AS owner
    FROM player_stats AS card
    LEFT JOIN users AS linked ON linked.faceit_player_id = card.player_id AND linked.erased_at IS NULL
    WHERE card.id IN (SELECT id FROM asked) AND card.user_id IS DISTINCT FROM linked.id
    ORDER BY card.player_id, card.game FOR NO KEY UPDATE OF card
)
UPDATE player_stats SET user_id = cards.owner FROM cards WHERE player_stats.id = cards.id
RETURNING player_stats.*
"""


class LinkingMethods(Caching):
    """Cards follow the accounts of users."""

    @transactional(budget_seconds=BATCH_SECONDS)
    def follow_accounts(self, user_ids: Sequence[UUID]) -> int:
        """Give the cards of these users, and of the accounts they have now, to whom they belong.

        Gives how many changed hands; one of an account that nobody has linked is nobody's.
        """
        values: dict[str, Any] = {"users": list(user_ids)}
        rows = list(PlayerStatsCache.objects.raw(_FOLLOW, values))
        self._written(self._scopes(*rows))
        return len(rows)
