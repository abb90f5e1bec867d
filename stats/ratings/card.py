"""All of a player's figures, from his matches and what his lifetime statistics add."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypedDict

from stats.ratings.arithmetic import rounded
from stats.ratings.averaging import averages
from stats.ratings.clutches import ClutchStats, clutch_stats
from stats.ratings.danger import danger_level
from stats.ratings.form import Streaks, form_trend, recent_form, results_text, streaks
from stats.ratings.levels import LEVELS_OF, elo_or_estimate, level_for_elo
from stats.ratings.maps import MapFigures, map_performance
from stats.ratings.played import LAST_MATCHES, PlayedMatch, last_matches, newest_first
from stats.ratings.rating import UNRATED, Rated
from stats.ratings.roles import player_role, playstyle
from stats.ratings.weapons import WeaponShares, weapon_shares


@dataclass(frozen=True, slots=True)
class Lifetime:
    """What lifetime statistics say of a player; they stand in where his matches do not say it.

    `played` holds the sums of FACEIT's extended statistics, with the kills and rounds that belong to them.
    """

    winrate: float | None = None
    kd: float | None = None
    adr: float | None = None
    rated: Rated = UNRATED
    recent_form: str | None = None
    played: PlayedMatch | None = None


NO_LIFETIME = Lifetime()
# Source: a heuristic of the product. Of fewer matches, chance says more than the player.
FEWEST_TO_LEAD = 10


class MatchHistory(TypedDict):
    """What the matches given amount to; `averaged` of them are behind the averages."""

    matches: int
    averaged: int
    wins: int
    losses: int
    form_trend: str
    streaks: Streaks


class PlayerCard(TypedDict):
    """A player's figures, by the names of the columns that keep them; what is not known is None."""

    skill_level: int | None
    faceit_elo: int | None
    estimated_elo: float | None
    winrate: float | None
    avg_kd: float | None
    avg_adr: float | None
    hltv_rating: float | None
    rating_version: str | None
    recent_form: str
    danger_level: int | None
    player_role: str | None
    match_history_stats: MatchHistory
    map_performance: dict[str, MapFigures]
    weapon_preferences: WeaponShares
    clutch_stats: ClutchStats


def player_card(
    matches: Iterable[PlayedMatch],
    *,
    elo: int | None = None,
    skill_level: int | None = None,
    game: str = LEVELS_OF,
    lifetime: Lifetime = NO_LIFETIME,
) -> PlayerCard:
    """Give all figures of a player: averages of his last 20 maps, form, danger level, role and the rest.

    The order of the matches does not matter where their times are known. Maps and streaks are of all matches
    given. Fewer than ten matches do not take the place of lifetime averages. Role, clutches and weapons are
    of lifetime statistics where there are some, else of the matches. The danger level is of the figures as
    they are shown. Level and ELO stand in for each other in CS2 alone.
    Shape: see `PlayerCard`; `estimated_elo` is None where the ELO is known.
    """
    played = newest_first(matches)
    recent = averages(last_matches(played))
    leads = len(played) >= FEWEST_TO_LEAD
    winrate = _either(recent["winrate"], lifetime.winrate, leads=leads)
    kd = _either(recent["avg_kd"], lifetime.kd, leads=leads)
    rating, version = recent["avg_rating"], recent["rating_version"]
    if rating is None or (not leads and lifetime.rated.rating is not None):
        rating, version = rounded(lifetime.rated.rating), lifetime.rated.version
    form = recent_form(played) or lifetime.recent_form or ""
    behind_role = played if lifetime.played is None else [lifetime.played]
    told = game == LEVELS_OF
    estimate = elo_or_estimate(elo, skill_level if told else None)
    return {
        "skill_level": level_for_elo(elo) if skill_level is None and told else skill_level,
        "faceit_elo": elo,
        "estimated_elo": estimate.value if estimate.estimated else None,
        "winrate": winrate,
        "avg_kd": kd,
        "avg_adr": _either(recent["avg_adr"], lifetime.adr, leads=leads),
        "hltv_rating": rating,
        "rating_version": version,
        "recent_form": form,
        "danger_level": danger_level(rating, winrate, kd, form),
        "player_role": player_role(playstyle(behind_role), kd),
        "match_history_stats": match_history(played, form),
        "map_performance": map_performance(played),
        "weapon_preferences": weapon_shares(behind_role),
        "clutch_stats": clutch_stats(behind_role),
    }


def match_history(played: Sequence[PlayedMatch], form: str) -> MatchHistory:
    """Give wins, losses and streaks of matches that come newest first, and the trend of the form."""
    results = [match.won for match in played]
    return {
        "matches": len(played),
        "averaged": min(len(played), LAST_MATCHES),
        "wins": results.count(True),
        "losses": results.count(False),
        "form_trend": form_trend(form),
        "streaks": streaks(results_text(results)),
    }


def _either(recent: float | None, lifetime: float | None, *, leads: bool) -> float | None:
    if recent is None or (not leads and lifetime is not None):
        return rounded(lifetime)
    return recent
