"""A season of invented players, and what FACEIT says of it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from examples import faceit_bodies, faceit_statistics
from examples.faceit_play import PlayedMatch, invent_people, play
from matches.repositories import MatchRepository
from stats.repositories import StatsRepository

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
matches, stats = MatchRepository(), StatsRepository()


@dataclass(frozen=True)
class Season:
    """Matches that are over, oldest first, and the one to come, of the same ten players.

    The one to come ends half an hour after NOW.
    """

    past: list[PlayedMatch]
    coming: PlayedMatch


def season(past=4, seed=5):
    people = invent_people(10, seed)
    began = NOW - timedelta(days=past, minutes=-30)
    played = [play(people, began + timedelta(days=n), seed=seed + n) for n in range(past + 1)]
    return Season(played[:-1], played[-1])


def record_past(a_season):
    """Let the statistics of the past be known."""
    for match in a_season.past:
        stats.record_match_stats.blocking(
            faceit_statistics.match_stats(match), finished_at=match.finished_at, now=NOW
        )


def record_players(a_season):
    """Let the level and ELO of everybody be known."""
    for side in a_season.coming.sides:
        for person in side.people:
            stats.record_player.blocking(faceit_bodies.player(person), now=NOW)


def record_match(match, status="READY"):
    matches.record_match.blocking(faceit_bodies.match(match, status), now=NOW)
