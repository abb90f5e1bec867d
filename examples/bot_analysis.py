"""The example bot's main feature: a match from what is stored, and from FACEIT what is not."""

import asyncio
import re
import time
from collections.abc import Iterable
from functools import partial

import faceitbot

faceitbot.setup()

from examples.analysis_text import worded  # noqa: E402 - importable once faceitbot is set up
from examples.faceit_api import Faceit, faceits_fault  # noqa: E402
from faceitbot.analysis import build_analysis, players_to_ask  # noqa: E402
from faceitbot.core import atomically  # noqa: E402
from faceitbot.faceit import Raw, decode_match  # noqa: E402
from matches.repositories import MatchCacheRepository, MatchRepository  # noqa: E402
from stats.repositories import StatsRepository  # noqa: E402
from users.models import User  # noqa: E402

matches, bodies, stats = MatchRepository(), MatchCacheRepository(), StatsRepository()
# Source: FACEIT's rooms, faceit.com/en/cs2/room/1-...
MATCH_ID = re.compile(r"\b1-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")


def match_id_in(text: str) -> str | None:
    """Give the id of the match that somebody has typed, or whose room he has linked to."""
    found = MATCH_ID.search(text.lower())
    return found[0] if found else None


async def analyse(faceit: Faceit, user: User, match_id: str | None) -> str | None:
    """Analyse a match for a user, his latest without an id, and give the answer; None where there is none.

    Errors: `FaceitFailed`. What had been learnt by then is kept.
    """
    began = time.monotonic()
    if match_id is None and user.faceit_player_id is not None:
        match_id = await faceit.latest_match(user.faceit_player_id)
    if match_id is None:
        return None
    stored = await bodies.get_cached_match(match_id)
    body: Raw | None = stored.match_data if stored else await faceit.match(match_id)
    if body is None:
        return None
    with faceits_fault():
        game = decode_match(body).game
        if stored is None:
            await matches.record_match(body)
    unknown = await players_to_ask(match_id)
    await _learn(faceit, unknown, game)
    analysis = await build_analysis(match_id, asked_faceit=stored is None or bool(unknown))
    if analysis is None:
        return None
    milliseconds = round(1000 * (time.monotonic() - began))
    await matches.create_analysis(user.pk, match_id, analysis, milliseconds)
    return worded(analysis, user.faceit_player_id)


async def _learn(faceit: Faceit, players: Iterable[str], game: str) -> None:
    """Ask about all at once. Who has been answered for is kept, whatever became of the others."""
    asked = (_learn_one(faceit, player_id, game) for player_id in players)
    for outcome in await asyncio.gather(*asked, return_exceptions=True):
        if outcome is not None:
            raise outcome


async def _learn_one(faceit: Faceit, player_id: str, game: str) -> None:
    player = await faceit.player(player_id)
    if player is None:
        return  # the account is gone; the level that the match tells has to do
    # Lifetime alone has maps on enough matches for advice; the last matches alone have an exact rating, and
    # how somebody plays now.
    lifetime = await faceit.lifetime_stats(player_id, game)
    played = await faceit.game_stats(player_id, game)
    with faceits_fault():
        await atomically(partial(_keep, player_id, player, lifetime, played))


def _keep(player_id: str, player: bytes, lifetime: bytes | None, played: bytes | None) -> None:
    """Keep all or nothing: a part of a card would count as one until it expires."""
    stats.record_player.blocking(player)
    if played is not None:
        stats.record_game_stats.blocking(player_id, played)
    if lifetime is not None:
        stats.record_lifetime_stats.blocking(player_id, lifetime)
