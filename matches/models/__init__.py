"""Matches that users had analysed, and the bodies that FACEIT gave of them."""

from matches.models.analyses import MatchAnalysis
from matches.models.bodies import MatchCache, MatchCacheUse
from matches.models.statuses import MatchStatus

__all__ = ["MatchAnalysis", "MatchCache", "MatchCacheUse", "MatchStatus"]
