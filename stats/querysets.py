"""Named conditions and orders over cards."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Lower

from stats.ratings import LAST_MATCHES

if TYPE_CHECKING:
    from stats.models import PlayerStatsCache  # noqa: F401 - named in quotes below


class CardQuerySet(QuerySet["PlayerStatsCache"]):
    """What repositories and admin ask of the table of cards."""

    def live(self, now: datetime) -> Self:
        """Keep those that have not expired at a moment."""
        return self.filter(expires_at__gt=now)

    def of_game(self, game: str) -> Self:
        """Keep those of one game."""
        return self.filter(game=game)

    def nickname_is(self, nickname: str) -> Self:
        """Keep those whose player bears exactly this nickname in any case."""
        lower = Lower("nickname", output_field=models.TextField())
        return self.alias(nickname_lower=lower).filter(nickname_lower=Lower(Value(nickname)))

    def known_by(self, matches: int) -> Self:
        """Keep those of players with so many matches, whose averages rest on as many, or on the last 20.

        Cards that do not say what their averages rest on are taken at their word.
        """
        enough = Q(match_history_stats__averaged__gte=min(matches, LAST_MATCHES))
        unsaid = Q(match_history_stats__averaged__isnull=True)
        return self.filter(enough | unsaid, matches_played__gte=matches)

    def best_first(self) -> Self:
        """Order by rating; whose rating nobody knows comes last."""
        return self.order_by(F("hltv_rating").desc(nulls_last=True), "id")
