"""All of a player's figures, from his matches and what his lifetime statistics add."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypedDict

from stats.ratings.arithmetic import rounded
from stats.ratings.averaging import Averages, averages
from stats.ratings.clutches import ClutchStats, clutch_stats
from stats.ratings.danger import danger_level
from stats.ratings.form import Streaks, form_trend, recent_form, results_text, streaks
from stats.ratings.levels import LEVELS_OF, elo_or_estimate, level_for_elo
from stats.ratings.maps import MapFigures, map_performance
from stats.ratings.played import PlayedMatch, last_matches, newest_first
from stats.ratings.rating import UNRATED, Rated
from stats.ratings.roles import player_role, playstyle
from stats.ratings.weapons import WeaponShares, weapon_shares


@dataclass(frozen=True, slots=True)
class Lifetime:
    """What lifetime statistics say of a player; they stand in where his matches do not say it.

    `played` holds the sums of FACEIT's extended statistics, with the kills and rounds that belong to them.
    `matches` are those behind the averages.
    """

    matches: int | None = None
    winrate: float | None = None
    kd: float | None = None
    adr: float | None = None
    rated: Rated = UNRATED
    recent_form: str | None = None
    played: PlayedMatch | None = None


NO_LIFETIME = Lifetime()

# Source: a heuristic; the win rate of ten matches is good to 16 points, that of one to nothing.
FEWEST_MATCHES = 10


class MatchHistory(TypedDict):
    """What the matches given amount to.

    `averaged` are the matches behind the averages of the card, some of these or those of his lifetime; None
    where lifetime statistics do not say of how many they are.
    """

    matches: int
    averaged: int | None
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

    Lifetime statistics lead until ten of the last 20 maps tell a result and a rating, and for ADR until ten
    tell that: one evening does not outweigh a life. Where they do not know a figure, the maps that there are
    give it. The form is the longer one of both. `match_history_stats["averaged"]` says how many matches are
    behind the averages, which are those of the rating if there is one.
    The order of the matches does not matter where their times are known. Maps and streaks are of all matches
    given. Role, clutches and weapons are of lifetime statistics where there are some, else of the matches.
    The danger level is of the figures as they are shown. Level and ELO stand in for each other in CS2 alone.
    Shape: see `PlayerCard`; `estimated_elo` is None where the ELO is known.
    """
    played = newest_first(matches)
    last = last_matches(played)
    telling = [match for match in last if match.won is not None and match.rated.rating is not None]
    recent, lead = averages(last), len(telling) >= FEWEST_MATCHES
    winrate = _leading(lead, recent["winrate"], lifetime.winrate)
    kd = _leading(lead, recent["avg_kd"], lifetime.kd)
    with_adr = [match for match in last if match.adr is not None and match.rounds]
    adr = _leading(len(with_adr) >= FEWEST_MATCHES, recent["avg_adr"], lifetime.adr)
    behind = [match for match in last if match.rated.rating is not None] or last
    rated, by_lifetime = _rated(lead, recent, lifetime)
    rating, version = rounded(rated.rating), rated.version
    form = max(recent_form(played), lifetime.recent_form or "", key=len)
    behind_role = played if lifetime.played is None else [lifetime.played]
    told = game == LEVELS_OF
    estimate = elo_or_estimate(elo, skill_level if told else None)
    return {
        "skill_level": level_for_elo(elo) if skill_level is None and told else skill_level,
        "faceit_elo": elo,
        "estimated_elo": estimate.value if estimate.estimated else None,
        "winrate": winrate,
        "avg_kd": kd,
        "avg_adr": adr,
        "hltv_rating": rating,
        "rating_version": version,
        "recent_form": form,
        "danger_level": danger_level(rating, winrate, kd, form),
        "player_role": player_role(playstyle(behind_role), kd),
        "match_history_stats": match_history(played, form, lifetime.matches if by_lifetime else len(behind)),
        "map_performance": map_performance(played),
        "weapon_preferences": weapon_shares(behind_role),
        "clutch_stats": clutch_stats(behind_role),
    }


def match_history(played: Sequence[PlayedMatch], form: str, averaged: int | None) -> MatchHistory:
    """Give wins, losses and streaks of matches that come newest first, and the trend of the form."""
    results = [match.won for match in played]
    return {
        "matches": len(played),
        "averaged": averaged,
        "wins": results.count(True),
        "losses": results.count(False),
        "form_trend": form_trend(form),
        "streaks": streaks(results_text(results)),
    }


def _leading(lead: bool, of_matches: float | None, of_lifetime: float | None) -> float | None:
    """Give one of two figures: that of the matches where they lead or nothing else is known."""
    return of_matches if of_lifetime is None or (lead and of_matches is not None) else rounded(of_lifetime)


def _rated(lead: bool, recent: Averages, lifetime: Lifetime) -> tuple[Rated, bool]:
    """Give the rating, and whether the averages rest on lifetime statistics."""
    of_matches = Rated(recent["avg_rating"], recent["rating_version"])
    if of_matches.rating is None and lifetime.rated.rating is None:
        return UNRATED, lifetime.winrate is not None
    if lead or lifetime.rated.rating is None:
        return of_matches, False
    return lifetime.rated, True
