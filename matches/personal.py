"""What the tables of matches hold about people."""

from django.db.models import Q

from faceitbot.core.personal import Person, PersonalTable
from matches.models import MatchAnalysis, MatchCache, MatchCacheUse


def _of_his_matches(person: Person) -> Q | None:
    """Bodies name their players: those of matches that he has had analysed may name him."""
    if person.user_id is None:
        return None
    return Q(match_id__in=MatchAnalysis.objects.filter(user_id=person.user_id).values("match_id"))


ANALYSES = PersonalTable(
    MatchAnalysis,
    owners=("user",),
    kept=(
        "id",
        "user_id",
        "match_id",
        "game",
        "region",
        "map_name",
        "status",
        "status_raw",
        "competition_name",
        "competition_type",
        "match_url",
        "configured_at",
        "started_at",
        "finished_at",
        "team1_analysis",
        "team2_analysis",
        "prediction",
        "details",
        "cached_data_used",
        "processing_time_ms",
        "revision",
        "analysed_at",
        "created_at",
    ),
    impersonal=("updated_at",),
    deleted=True,
)
# What FACEIT tells everybody, for minutes; it goes with the analyses that it was fetched for.
BODIES = PersonalTable(
    MatchCache,
    also=_of_his_matches,
    impersonal=(
        "id",
        "match_id",
        "match_data",
        "match_stats",
        "expires_at",
        "access_count",
        "last_accessed_at",
        "created_at",
        "updated_at",
    ),
    deleted=True,
)
USE = PersonalTable(MatchCacheUse, impersonal=("day", "hits", "misses"))
# In the order of erasing: bodies are found by the analyses.
TABLES = (BODIES, ANALYSES)
