"""A card as a member of a team, which is what comparing and analysing take."""

from typing import cast

from stats.models import PlayerStatsCache
from stats.ratings import ClutchStats, MapFigures, Member, WeaponShares

_CLUTCHES = tuple(ClutchStats.__annotations__)
_WEAPONS = tuple(WeaponShares.__annotations__)
_ON_A_MAP = tuple(MapFigures.__annotations__)


def member_of(card: PlayerStatsCache) -> Member:
    """Give a player as a member of a team; what his card does not say is None."""
    maps = {
        name: cast("MapFigures", {key: figures.get(key) for key in _ON_A_MAP})
        for name, figures in card.map_performance.items()
    }
    weapons = {key: card.weapon_preferences.get(key) for key in _WEAPONS}
    clutches = {key: card.clutch_stats.get(key) for key in _CLUTCHES}
    return Member(
        player_id=card.player_id,
        nickname=card.nickname,
        game=card.game,
        elo=card.faceit_elo,
        skill_level=card.skill_level,
        matches=card.match_history_stats.get("averaged", card.matches_played),
        rating=card.hltv_rating,
        rating_version=card.rating_version,
        winrate=card.winrate,
        kd=card.avg_kd,
        adr=card.avg_adr,
        recent_form=card.recent_form or None,
        danger_level=card.danger_level,
        role=card.player_role,
        weapons=cast("WeaponShares", weapons) if card.weapon_preferences else None,
        clutches=cast("ClutchStats", clutches) if card.clutch_stats else None,
        maps=maps,
    )
