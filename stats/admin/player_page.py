"""What the page of a player shows: figures, how they have moved, maps, clutches, the last matches."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from faceitbot.core.charting import chart
from faceitbot.core.display import EMPTY, decimal, digits, percent
from faceitbot.faceit.words import text_of
from stats.admin.pages import form
from stats.models import PlayerMatch, PlayerStatsCache, PlayerStatsPoint
from stats.models.cards import MAP_RANGES
from stats.ratings import RATING_1_0_ESTIMATED
from stats.repositories import StatsRepository

CHART_DAYS = 90
LAST_MATCHES = 10
Facts = list[tuple[str, Any]]


def player_context(card: PlayerStatsCache) -> dict[str, Any]:
    """Give what the template of a player's page wants."""
    points = StatsRepository().get_points.blocking(card.player_id, card.game, CHART_DAYS)
    return {
        "card": card,
        "room": f"https://www.faceit.com/en/players/{quote(card.nickname, safe='')}",
        "owner": reverse("admin:users_user_change", args=[card.user_id]) if card.user_id else "",
        "facts": [(_("Figures"), _figures(card)), (_("Play"), _play(card)), (_("Clutches"), _clutches(card))],
        "chart_days": CHART_DAYS,
        "charts": _charts(points),
        "maps": _maps(card),
        "matches": PlayerMatch.objects.filter(player_id=card.player_id, game=card.game).order_by(
            "-played_at", "-match_round"
        )[:LAST_MATCHES],
    }


def _figures(card: PlayerStatsCache) -> Facts:
    rating = decimal(card.hltv_rating)
    if card.rating_version == RATING_1_0_ESTIMATED:
        rating = _("%(rating)s, estimated") % {"rating": rating}
    return [
        (_("Level"), EMPTY if card.skill_level is None else card.skill_level),
        (_("ELO"), EMPTY if card.faceit_elo is None else digits(card.faceit_elo)),
        (_("Rating"), rating),
        (_("K/D"), decimal(card.avg_kd)),
        (_("ADR"), decimal(card.avg_adr, 1)),
        (_("Win rate"), percent(card.winrate)),
    ]


def _play(card: PlayerStatsCache) -> Facts:
    weapons = card.weapon_preferences
    return [
        (_("Form"), form(card.recent_form)),
        (_("Danger"), card.danger_level or EMPTY),
        (_("Role"), text_of(card.player_role) if card.player_role else EMPTY),
        (_("Sniper kills"), percent(weapons.get("sniper"))),
        (_("Pistol kills"), percent(weapons.get("pistol"))),
        (_("Matches"), EMPTY if card.matches_played is None else digits(card.matches_played)),
    ]


def _clutches(card: PlayerStatsCache) -> Facts:
    told = card.clutch_stats
    return [
        fact
        for kind in ("1v1", "1v2")
        for fact in (
            (kind, _won_of(told.get(f"{kind}_wins"), told.get(f"{kind}_count"))),
            (_("%(kind)s won") % {"kind": kind}, percent(told.get(f"{kind}_rate"))),
        )
    ]


def _won_of(wins: int | None, count: int | None) -> str:
    if wins is None or count is None:
        return EMPTY
    return _("%(wins)s of %(count)s") % {"wins": digits(wins), "count": digits(count)}


def _charts(points: Iterable[PlayerStatsPoint]) -> list[tuple[str, str]]:
    """Give the charts of rating, ELO and win rate by the day, each with its title; none without points."""
    told = [(localtime(point.at).date(), point) for point in points]
    named = ((_("Rating"), "hltv_rating"), (_("ELO"), "faceit_elo"), (_("Win rate"), "winrate"))
    charts = []
    for title, name in named:
        # The last of each day, so that there is one value for it.
        values = {day: getattr(point, name) for day, point in told if getattr(point, name) is not None}
        charts.append((title, chart(title, values.items()) if len(values) > 1 else ""))
    return charts


def _maps(card: PlayerStatsCache) -> list[dict[str, Any]]:
    """Give the figures on each map, those with the most matches first."""
    maps = [
        {"name": name, **{column: figures.get(column) for column in MAP_RANGES}}
        for name, figures in card.map_performance.items()
    ]
    return sorted(maps, key=lambda each: (-each["matches"], each["name"]))
