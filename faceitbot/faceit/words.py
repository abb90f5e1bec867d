"""Words for what analyses and bodies of FACEIT hold: their keys, and the texts that are ours."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from faceitbot.core.json_tables import Words, in_words

_KEYS: dict[str, Promise] = {
    "1v1_count": _("1v1"),
    "1v1_rate": _("1v1 won, %"),
    "1v1_wins": _("1v1 won"),
    "1v2_count": _("1v2"),
    "1v2_rate": _("1v2 won, %"),
    "1v2_wins": _("1v2 won"),
    "adr": _("ADR"),
    "average_elo": _("Average ELO"),
    "averages": _("Averages"),
    "avg_adr": _("ADR"),
    "avg_kd": _("K/D"),
    "avg_rating": _("Rating"),
    "because": _("Because"),
    "best_of": _("Maps at most"),
    "confidence": _("Confidence"),
    "count_from": _("From how many"),
    "danger_level": _("Danger level"),
    "danger_level_from": _("Danger level from"),
    "dangerous_players": _("Dangerous players"),
    "difference": _("Difference"),
    "difference_from": _("Difference from"),
    "elo": _("ELO"),
    "elo_difference": _("Difference of ELO"),
    "estimated": _("Estimated"),
    "faceit_elo": _("ELO"),
    "favourite": _("Favourite"),
    "game_skill_level": _("Level"),
    "hltv_rating": _("Rating"),
    "inputs": _("What it rests on"),
    "kd": _("K/D"),
    "kd_below": _("K/D below"),
    "kind": _("Advice"),
    "known": _("Known"),
    "length_at_least": _("Length at least"),
    "length_from": _("Length from"),
    "map": _("Map"),
    "maps": _("Maps"),
    "match_info": _("Match"),
    "matches": _("Matches"),
    "matches_from": _("Matches from"),
    "name": _("Name"),
    "nickname": _("Nickname"),
    "percent_from": _("Percent from"),
    "player_id": _("FACEIT player id"),
    "player_role": _("Role"),
    "players": _("Players"),
    "prediction": _("Prediction"),
    "rating": _("Rating"),
    "rating_below": _("Rating below"),
    "rating_version": _("Formula of the rating"),
    "reason": _("Reason"),
    "recent_form": _("Recent form"),
    "recommendations": _("Recommendations"),
    "role": _("Role"),
    "roster": _("Players"),
    "score": _("Score"),
    "signs": _("Signs"),
    "skill_level": _("Level"),
    "sniper_percent": _("Sniper kills, %"),
    "standard_error": _("Standard error"),
    "status": _("Status"),
    "team1": _("First team"),
    "team1_matches": _("Matches of the first team"),
    "team1_probability": _("Chance of the first team"),
    "team1_winrate": _("Win rate of the first team"),
    "team2": _("Second team"),
    "team2_matches": _("Matches of the second team"),
    "team2_probability": _("Chance of the second team"),
    "team2_winrate": _("Win rate of the second team"),
    "team_id": _("Team id"),
    "teams": _("Teams"),
    "unknown": _("Unknown"),
    "unknown_players": _("Players of whom nothing is known"),
    "weak_targets": _("Weak targets"),
    "winner": _("Winner"),
    "winrate": _("Win rate"),
    "wins_of_last_5_at_most": _("Wins of the last 5 at most"),
}
_TEXTS: dict[str, Promise] = {
    "ban_map": _("ban this map"),
    "clear": _("clear"),
    "clutcher": _("wins alone"),
    "dangerous_player": _("dangerous"),
    "entry": _("goes first"),
    "even": _("even"),
    "fragger": _("kills most"),
    "kd": _("K/D"),
    "losing_streak": _("keeps losing"),
    "pick_map": _("pick this map"),
    "rating": _("rating"),
    "recent_form": _("recent form"),
    "rifler": _("rifler"),
    "slight": _("slight"),
    "sniper": _("sniper"),
    "support": _("supports"),
    "team1": _("first team"),
    "team2": _("second team"),
    "too_few_known_elos": _("the ELO of too few players is known"),
    "weak_target": _("weak"),
    "winning_streak": _("keeps winning"),
}


def name_of(key: str) -> str:
    """Give the words for a key, its own where it is not known."""
    return str(_KEYS[key]) if key in _KEYS else in_words(key)


def text_of(text: str) -> str:
    """Give the words for one of our texts; every other text as it is."""
    return str(_TEXTS.get(text, text))


WORDS = Words(name_of, text_of)
