"""What the tables of statistics hold about people.

FACEIT shows all of it to everybody. So of somebody who is erased the figures stay, and nothing leads from
them to the user any more.
"""

from django.db.models import Q

from faceitbot.core.personal import Person, PersonalTable
from stats.models import PlayerMapStats, PlayerMatch, PlayerStatsCache, PlayerStatsPoint, Prediction
from stats.models.matches import COUNTS
from stats.models.points import TRACKED
from users.models import User


def _his_account(person: Person) -> Q | None:
    """Give the condition on what is known of the FACEIT account that is linked to a person."""
    if person.user_id is None:
        return None
    account = User.objects.filter(pk=person.user_id).values_list("faceit_player_id", flat=True).first()
    return Q(player_id=account) if account else None


CARDS = PersonalTable(
    PlayerStatsCache,
    owners=("user",),
    also=_his_account,
    cleared=("user_id",),
    kept=(
        "id",
        "player_id",
        "nickname",
        "game",
        "avatar",
        "country",
        "skill_level",
        "faceit_elo",
        "matches_played",
        "winrate",
        "avg_kd",
        "avg_adr",
        "hltv_rating",
        "rating_version",
        "recent_form",
        "danger_level",
        "player_role",
        "match_history_stats",
        "map_performance",
        "weapon_preferences",
        "clutch_stats",
        "lifetime",
    ),
    impersonal=("named_at", "expires_at", "created_at", "updated_at"),
)
MAPS = PersonalTable(
    PlayerMapStats,
    owners=("card__user",),
    kept=("id", "card_id", "map_name", "game", "matches", "winrate", "avg_rating", "avg_kd", "avg_adr"),
    impersonal=("expires_at",),
)
MATCHES = PersonalTable(
    PlayerMatch,
    also=_his_account,
    kept=(
        "id",
        "player_id",
        "match_id",
        "match_round",
        "nickname",
        "game",
        "map_name",
        "finished_at",
        "won",
        *COUNTS,
        "adr",
        "rating",
        "rating_version",
    ),
    impersonal=("created_at", "played_at"),
)
POINTS = PersonalTable(PlayerStatsPoint, also=_his_account, kept=("id", "player_id", "game", "at", *TRACKED))
PREDICTIONS = PersonalTable(
    Prediction,
    impersonal=(
        "id",
        "match_id",
        "made_at",
        "team1_probability",
        "inputs",
        "winner",
        "ended_at",
        "settled_at",
        "asked_at",
    ),
)
TABLES = (CARDS, MAPS, MATCHES, POINTS)
NOBODYS = (PREDICTIONS,)
