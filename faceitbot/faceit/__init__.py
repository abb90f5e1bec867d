"""Bodies of FACEIT's Data API v4 and its webhooks, as typed structs.

Each `decode_*` takes bytes, text or a mapping, and gives a frozen struct: numbers as `int` and `float`, times
aware in UTC, absent is None. What cannot be read is `InvalidInput` naming the path inside the body.
"""

from faceitbot.faceit.directory import (
    Ban,
    Bans,
    Empty,
    FoundGame,
    FoundPlayer,
    Place,
    Ranking,
    Search,
    decode_bans,
    decode_empty,
    decode_ranking,
    decode_search,
)
from faceitbot.faceit.figures import Figures, RoundFigures
from faceitbot.faceit.kinds import Kind, decode_any, kind_of
from faceitbot.faceit.loading import Raw
from faceitbot.faceit.maps import map_name
from faceitbot.faceit.match_stats import MatchStats, Round, RoundPlayer, RoundTeam, decode_match_stats
from faceitbot.faceit.matches import (
    History,
    HubMatches,
    Match,
    Member,
    Team,
    decode_history,
    decode_hub_matches,
    decode_match,
)
from faceitbot.faceit.player import Player, PlayerGame, decode_player
from faceitbot.faceit.player_stats import (
    GameStats,
    LifetimeFigures,
    LifetimeStats,
    MapFigures,
    PlayedMatch,
    Segment,
    decode_game_stats,
    decode_lifetime_stats,
)
from faceitbot.faceit.webhook import Webhook, WebhookMatch, decode_webhook

__all__ = [
    "Ban",
    "Bans",
    "Empty",
    "Figures",
    "FoundGame",
    "FoundPlayer",
    "GameStats",
    "History",
    "HubMatches",
    "Kind",
    "LifetimeFigures",
    "LifetimeStats",
    "MapFigures",
    "Match",
    "MatchStats",
    "Member",
    "Place",
    "PlayedMatch",
    "Player",
    "PlayerGame",
    "Ranking",
    "Raw",
    "Round",
    "RoundFigures",
    "RoundPlayer",
    "RoundTeam",
    "Search",
    "Segment",
    "Team",
    "Webhook",
    "WebhookMatch",
    "decode_any",
    "decode_bans",
    "decode_empty",
    "decode_game_stats",
    "decode_history",
    "decode_hub_matches",
    "decode_lifetime_stats",
    "decode_match",
    "decode_match_stats",
    "decode_player",
    "decode_ranking",
    "decode_search",
    "decode_webhook",
    "kind_of",
    "map_name",
]
