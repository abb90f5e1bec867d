"""What is kept of each body, and where. The same body again changes nothing."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from faceitbot.faceit import (
    Kind,
    Match,
    decode_any,
    decode_game_stats,
    decode_history,
    decode_hub_matches,
    decode_lifetime_stats,
    decode_match_stats,
    decode_webhook,
)
from matches.repositories import MatchCacheRepository, MatchRepository
from stats.repositories import StatsRepository

Content = Mapping[str, Any]
matches, bodies, stats = MatchRepository(), MatchCacheRepository(), StatsRepository()


def store(kind: Kind, content: Content) -> bool:
    """Store what is kept of a body, and say whether there is any such thing.

    Errors: `InvalidInput` with the path inside the body.
    """
    if kind not in _STORE:
        decode_any(content)
        return False
    _STORE[kind](content)
    return True


def _player(content: Content) -> None:
    stats.record_player.blocking(content)


def _match(content: Content) -> None:
    matches.record_match.blocking(content)


def _hub_matches(content: Content) -> None:
    decode_hub_matches(content)  # names what cannot be read by its place in the whole body
    for item in content["items"]:
        matches.record_match.blocking(item)


def _history(content: Content) -> None:
    for match in decode_history(content).matches:
        _learn(match)


def _learn(match: Match) -> None:
    matches.update_match_status.blocking(match.match_id, match.status, match.finished_at, match.winner)


def _webhook(content: Content) -> None:
    event = decode_webhook(content)
    if event.status is not None:
        matches.update_match_status.blocking(event.match.match_id, event.status, event.match.finished_at)


def _lifetime_stats(content: Content) -> None:
    stats.record_lifetime_stats.blocking(decode_lifetime_stats(content).player_id, content)


def _game_stats(content: Content) -> None:
    played = decode_game_stats(content).matches
    if played:
        stats.record_game_stats.blocking(played[0].player_id, content)


def _match_stats(content: Content) -> None:
    stats.record_match_stats.blocking(content, finished_at=_ended_at(content))


def _ended_at(content: Content) -> datetime | None:
    """Give when the match of these statistics ended, if its own body is stored, however long ago."""
    rounds = decode_match_stats(content).rounds
    stored = bodies.find_one.blocking({"match_id": rounds[0].match_id}) if rounds else None
    kind, match = decode_any(stored.match_data) if stored else (None, None)
    return match.finished_at if kind == Kind.MATCH and isinstance(match, Match) else None


_STORE: dict[Kind, Callable[[Content], None]] = {
    Kind.PLAYER: _player,
    Kind.MATCH: _match,
    Kind.HUB_MATCHES: _hub_matches,
    Kind.HISTORY: _history,
    Kind.WEBHOOK: _webhook,
    Kind.LIFETIME_STATS: _lifetime_stats,
    Kind.GAME_STATS: _game_stats,
    Kind.MATCH_STATS: _match_stats,
}
