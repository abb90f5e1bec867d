"""Everything that the bot, the admin and the commands do with matches."""

from matches.repositories.analyses import MatchRepository
from matches.repositories.bodies import MatchCacheRepository

__all__ = ["MatchCacheRepository", "MatchRepository"]
