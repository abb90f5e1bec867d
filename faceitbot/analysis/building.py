"""Reads a match and the cards of its players, and puts the analysis together."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from faceitbot.analysis.sides import map_pool, match_info, member_of_roster, team_analysis
from faceitbot.core.transactions import query
from faceitbot.faceit import Match, Member, decode_match
from matches.models import MatchStatus
from matches.models.statuses import OVER, read_status
from matches.repositories import MatchCacheRepository, MatchRepository
from stats import ratings
from stats.members import member_of
from stats.models import PlayerStatsCache
from stats.repositories import StatsRepository

matches, bodies, stats = MatchRepository(), MatchCacheRepository(), StatsRepository()


class _Analyst:
    """Holds the two bodies that this package offers, for the decorators take methods."""

    @query
    def build_analysis(
        self, match_id: str, *, asked_faceit: bool = False, now: datetime | None = None
    ) -> dict[str, Any] | None:
        """Give the analysis of a match from what is stored, as `create_analysis` takes it; None without one.

        The match must have been stored by `MatchRepository.record_match` and be good still; what the players'
        cards do not say is None, and whoever has no card counts with the level that the roster gives.
        A prediction of a match that is not over is kept, for `StatsRepository.get_prediction_quality`.
        `asked_faceit`: whether FACEIT had to be asked for something just now (`cached_data_used`).

        Shape: {match_info, team1_analysis, team2_analysis {team_id, name, averages, maps, players,
        dangerous_players, weak_targets}, prediction, maps {map: both teams' win rates}, recommendations
        {team1, team2: [{kind, player_id, nickname, map, because}]}, unknown_players, match_url,
        cached_data_used}; all of it JSON.
        Units: win rates in percent, probabilities 0 to 1. Source: `stats.ratings`.
        """
        match = _stored(match_id, now)
        if match is None:
            return None
        cards = _cards(match, now)
        team1, team2 = (
            [_member(player, cards, match.game) for player in team.roster] for team in match.teams
        )
        compared, pool = ratings.compare_teams(team1, team2), map_pool(match)
        status = read_status(match.status_raw).status
        _keep(match.match_id, status, compared["prediction"], now)
        return {
            "match_info": match_info(match),
            "team1_analysis": team_analysis(match.team1, team1, compared["team1"]),
            "team2_analysis": team_analysis(match.team2, team2, compared["team2"]),
            "prediction": compared["prediction"],
            "maps": compared["maps"],
            "recommendations": {
                "team1": ratings.advise(team1, team2, pool),
                "team2": ratings.advise(team2, team1, pool),
            },
            "unknown_players": _without_card(match, cards),
            "match_url": match.room_url(),
            "cached_data_used": not asked_faceit,
        }

    @query
    def players_to_ask(self, match_id: str, now: datetime | None = None) -> list[str]:
        """Give the ids of a stored match's players of whom FACEIT is to be asked, team 1 first.

        These have no card or an expired one, or one that matches made: it knows neither level nor ELO.
        """
        match = _stored(match_id, now)
        if match is None:
            return []
        cards = _cards(match, now)
        known = {key: card for key, card in cards.items() if card.faceit_elo is not None or card.skill_level}
        return _without_card(match, known)


build_analysis, players_to_ask = _Analyst().build_analysis, _Analyst().players_to_ask


def _stored(match_id: str, now: datetime | None) -> Match | None:
    row = bodies.get_cached_match.blocking(match_id, now=now)
    return None if row is None else decode_match(row.match_data)


def _cards(match: Match, now: datetime | None) -> dict[str, PlayerStatsCache]:
    players = [player.player_id for player in _players(match)]
    found = stats.get_team_stats.blocking(players, match.game, now=now)
    return {card.player_id: card for card in found}


def _players(match: Match) -> list[Member]:
    return [player for team in match.teams for player in team.roster]


def _member(player: Member, cards: Mapping[str, PlayerStatsCache], game: str) -> ratings.Member:
    card = cards.get(player.player_id)
    return member_of_roster(player, None if card is None else member_of(card), game)


def _without_card(match: Match, cards: Mapping[str, PlayerStatsCache]) -> list[str]:
    return [player.player_id for player in _players(match) if player.player_id not in cards]


def _keep(match_id: str, status: MatchStatus, prediction: ratings.Prediction, now: datetime | None) -> None:
    """Keep what is foretold; after a match it would be no prediction."""
    chance = prediction["team1_probability"]
    if chance is not None and status not in OVER and not _is_known_to_be_over(match_id):
        stats.record_prediction.blocking(match_id, chance, prediction["inputs"], now=now)


def _is_known_to_be_over(match_id: str) -> bool:
    """Say whether the end was heard of since the body was stored: all analyses of a match know of it."""
    newest = matches.get_by_match_id.blocking(match_id)
    return newest is not None and newest.is_over
