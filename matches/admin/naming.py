"""Words for what analyses and bodies of FACEIT hold, and the way to a match's room."""

from urllib.parse import quote, urlsplit

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from faceitbot.core.json_tables import in_words

ROOM = "https://www.faceit.com/en/{game}/room/{match_id}"
_HOSTS = {"faceit.com", "www.faceit.com"}
_LINK = '<a class="text-link" href="{}" target="_blank" rel="noopener noreferrer">{}</a>'
_WORDS = {
    "adr": _("ADR"),
    "average_adr": _("Average ADR"),
    "average_elo": _("Average ELO"),
    "average_kd": _("Average K/D"),
    "average_rating": _("Average rating"),
    "average_winrate": _("Average win rate"),
    "averages": _("Averages"),
    "confidence": _("Confidence"),
    "danger_level": _("Danger level"),
    "dangerous_players": _("Dangerous players"),
    "elo": _("ELO"),
    "elo_difference": _("Difference of ELO"),
    "faceit_elo": _("ELO"),
    "game_skill_level": _("Level"),
    "hltv_rating": _("Rating"),
    "kd": _("K/D"),
    "map_strengths": _("Strong maps"),
    "maps": _("Maps"),
    "matches": _("Matches"),
    "name": _("Name"),
    "nickname": _("Nickname"),
    "player_id": _("FACEIT player id"),
    "player_role": _("Role"),
    "players": _("Players"),
    "probability": _("Probability"),
    "rating": _("Rating"),
    "reason": _("Reason"),
    "recent_form": _("Recent form"),
    "recommendations": _("Recommendations"),
    "role": _("Role"),
    "roster": _("Players"),
    "score": _("Score"),
    "skill_level": _("Level"),
    "status": _("Status"),
    "team1": _("First team"),
    "team2": _("Second team"),
    "teams": _("Teams"),
    "weak_targets": _("Weak targets"),
    "winner": _("Winner"),
    "winrate": _("Win rate"),
}


def name_of(key: str) -> str:
    """Give the words for a key, its own where it is not known."""
    return str(_WORDS[key]) if key in _WORDS else in_words(key)


def room_link(match_id: str, game: str, url: str = "") -> SafeString:
    """Give the link to a match's room: as FACEIT has given it, or as FACEIT makes them."""
    address = url.replace("{lang}", "en")
    if not _is_of_faceit(address):
        address = ROOM.format(game=quote(game, safe=""), match_id=quote(match_id, safe=""))
    return format_html(_LINK, address, _("Room on FACEIT"))


def _is_of_faceit(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" and parts.netloc in _HOSTS
