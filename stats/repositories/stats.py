"""The repository of players' cards, and of what hangs on them."""

from collections.abc import Sequence

from faceitbot.core.repository import BaseRepository
from faceitbot.core.rows import read_values
from faceitbot.core.text import fold
from stats.figures import checked_figures
from stats.models import PlayerStatsCache
from stats.models.cards import FIGURES, JSON_FIGURES
from stats.repositories.cleaning import CleaningMethods
from stats.repositories.comparing import ComparingMethods
from stats.repositories.ending import EndingMethods
from stats.repositories.filling import FillingMethods
from stats.repositories.linking import LinkingMethods
from stats.repositories.lists import ListMethods
from stats.repositories.predictions import PredictionMethods
from stats.writing import complete


class StatsRepository(
    ListMethods,
    ComparingMethods,
    PredictionMethods,
    FillingMethods,
    EndingMethods,
    LinkingMethods,
    CleaningMethods,
    BaseRepository[PlayerStatsCache],
):
    """Cards of players: by player, team, rating, map; how they change; what was foretold of matches.

    A card is given until it expires and never afterwards. Figures are changed by `cache_player_stats` and
    the `record_...` methods alone, which keep what has changed.
    Errors: `InvalidInput` that names the argument, for every method, before the database is asked.
    """

    model = PlayerStatsCache
    fields = frozenset(field.attname for field in PlayerStatsCache._meta.concrete_fields) - {
        *JSON_FIGURES,
        "lifetime",
    }
    updatable = frozenset({"nickname", "avatar", "country"})
    creatable = updatable | {"player_id", "game", "expires_at", *FIGURES}
    required = frozenset({"player_id", "nickname"})
    relationships = frozenset({"user", "maps"})
    cache_alias = "player_cache"
    look_ups = {"player_id": str, "nickname": fold}

    def _new(self, obj_in: object) -> PlayerStatsCache:
        row = super()._new(obj_in)
        given = read_values(obj_in)
        for name, value in checked_figures({name: given[name] for name in FIGURES if name in given}).items():
            setattr(row, name, value)
        return row

    def _created(self, rows: Sequence[PlayerStatsCache]) -> None:
        complete([row.pk for row in rows])
