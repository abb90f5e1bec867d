"""Makes cards anew from the last matches of their players, however many players there are."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from django.db import connection

from stats.columns import prefixed
from stats.figures import Card, checked_figures
from stats.filling.lifetimes import lifetime_of
from stats.models import PlayerStatsCache
from stats.ratings import PlayedMatch, player_card
from stats.writing import Written, put, write_cards

# Maps, streaks and weapons are of so many matches, the averages of the last 20 of them.
REMEMBERED = 100
MATCHES = "matches"
_COLUMNS = {"round_number": "match_round"}
_NAMES = [field.name for field in fields(PlayedMatch)]
_READ = f"""
SELECT player.id, last.nickname, {prefixed("last", (_COLUMNS.get(name, name) for name in _NAMES))}
FROM unnest(%(players)s::varchar[]) AS player (id) CROSS JOIN LATERAL (
    SELECT * FROM player_matches WHERE player_id = player.id AND game = %(game)s
    ORDER BY played_at DESC, match_round DESC LIMIT %(most)s
) AS last
"""
Names = Mapping[str, str]
_Named = tuple[str, PlayedMatch]


def refigure(
    nicknames: Names,
    game: str,
    expires_at: datetime,
    now: datetime,
    at: datetime | None,
    lifetime: Mapping[str, Any] | None = None,
) -> Written:
    """Write the cards of some players in one game anew; the rows come in the order of `nicknames`.

    Shape: `nicknames` by player id, for whoever has no card; the others are called as in their newest match
    unless something later has named them. `lifetime`, where given, takes the place of what the cards have
    kept.
    Concurrency: of two who know of different matches of a player, the second one sees the first one's.
    """
    bare = [Card(player, name, game, {}) for player, name in nicknames.items()]
    there = put(bare, expires_at, now, current=False)
    matches = _last_matches(nicknames, game)
    cards = [_anew(row, matches[row.player_id], lifetime) for row in there.rows]
    written = write_cards(cards, expires_at, now, at, current=False)
    return Written(written.rows, there.former, there.unknown_former)


def _anew(card: PlayerStatsCache, matches: Sequence[_Named], lifetime: Mapping[str, Any] | None) -> Card:
    """Give a card as it is to be written, with the nickname of the newest match, which may be none."""
    figures = figures_of(card, [match for _name, match in matches], lifetime)
    nickname, newest = matches[0] if matches else (card.player_id, None)
    if newest is None or nickname == card.player_id:
        return Card(card.player_id, card.nickname, card.game, figures)
    return Card(card.player_id, nickname, card.game, figures, named_at=newest.played_at)


def figures_of(
    card: PlayerStatsCache, matches: Sequence[PlayedMatch], lifetime: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Give the figures of a card by its player's last matches, and by what it has kept of his lifetime."""
    stored = lifetime or card.lifetime
    figures: dict[str, Any] = {
        **player_card(
            matches,
            elo=card.faceit_elo,
            skill_level=card.skill_level,
            game=card.game,
            lifetime=lifetime_of(stored),
        )
    }
    del figures["estimated_elo"]
    told = {name: value for name, value in figures.items() if not _is_unknown(value)}
    told["map_performance"] = _maps(figures["map_performance"], stored.get("maps", {}))
    told["matches_played"] = max(len(matches), stored.get("matches") or 0)
    return {**checked_figures(told), "lifetime": stored}


def _maps(of_matches: Mapping[str, Any], of_lifetime: Mapping[str, Any]) -> dict[str, Any]:
    """Give for each map the figures that rest on more matches, and say which these are."""
    maps = {name: dict(figures) for name, figures in of_lifetime.items()}
    for name, figures in of_matches.items():
        if name not in maps or figures["matches"] >= maps[name]["matches"]:
            maps[name] = {**figures, "source": MATCHES}
    return maps


def _last_matches(players: Iterable[str], game: str) -> Mapping[str, list[_Named]]:
    """Give the last matches of each player, the newest first, each with what he was called in it."""
    found: defaultdict[str, list[_Named]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_READ, {"players": list(players), "game": game, "most": REMEMBERED})
        for player, nickname, *values in cursor.fetchall():
            found[player].append((nickname, PlayedMatch(**dict(zip(_NAMES, values, strict=True)))))
    return found


def _is_unknown(value: object) -> bool:
    return value is None or (isinstance(value, dict) and all(each is None for each in value.values()))
