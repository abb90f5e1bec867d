"""Which body is this? Files do not say it, their keys do."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from faceitbot.core.errors import InvalidInput
from faceitbot.faceit.directory import decode_bans, decode_empty, decode_ranking, decode_search
from faceitbot.faceit.loading import Raw, load
from faceitbot.faceit.match_stats import decode_match_stats
from faceitbot.faceit.matches import decode_history, decode_hub_matches, decode_match
from faceitbot.faceit.player import decode_player
from faceitbot.faceit.player_stats import decode_game_stats, decode_lifetime_stats
from faceitbot.faceit.reading import Body
from faceitbot.faceit.webhook import decode_webhook


class Kind(StrEnum):
    """The bodies that are known."""

    PLAYER = "player"
    LIFETIME_STATS = "lifetime_stats"
    GAME_STATS = "game_stats"
    HISTORY = "history"
    MATCH = "match"
    MATCH_STATS = "match_stats"
    BANS = "bans"
    HUB_MATCHES = "hub_matches"
    SEARCH = "search"
    RANKING = "ranking"
    WEBHOOK = "webhook"
    EMPTY = "empty"  # a list without items: of bans, matches, players, nobody can tell


# The keys that only this body has, of the body itself and of the items of a list.
_BY_KEYS = (
    (Kind.WEBHOOK, {"event", "payload"}),
    (Kind.MATCH_STATS, {"rounds"}),
    (Kind.LIFETIME_STATS, {"player_id", "lifetime"}),
    (Kind.PLAYER, {"player_id", "nickname", "games"}),
    (Kind.MATCH, {"match_id", "teams"}),
)
_BY_KEYS_OF_ITEMS = (
    (Kind.GAME_STATS, {"stats"}),
    (Kind.HISTORY, {"match_id", "teams", "game_id"}),
    (Kind.HUB_MATCHES, {"match_id", "teams"}),
    (Kind.SEARCH, {"player_id", "games"}),
    (Kind.RANKING, {"player_id", "position"}),
    (Kind.BANS, {"user_id", "starts_at"}),
)

DECODERS: dict[Kind, Callable[[Raw], Body]] = {
    Kind.PLAYER: decode_player,
    Kind.LIFETIME_STATS: decode_lifetime_stats,
    Kind.GAME_STATS: decode_game_stats,
    Kind.HISTORY: decode_history,
    Kind.MATCH: decode_match,
    Kind.MATCH_STATS: decode_match_stats,
    Kind.BANS: decode_bans,
    Kind.HUB_MATCHES: decode_hub_matches,
    Kind.SEARCH: decode_search,
    Kind.RANKING: decode_ranking,
    Kind.WEBHOOK: decode_webhook,
    Kind.EMPTY: decode_empty,
}


def kind_of(body: Raw) -> Kind | None:
    """Give what a body is; None for unknown keys.

    Errors: `InvalidInput` for what is no object of JSON.
    """
    return _kind_of(load(body))


def decode_any(body: Raw) -> tuple[Kind, Body]:
    """Give what a body is, and its struct.

    Errors: `InvalidInput` whose field is the path inside the body, or `body` where nobody knows what it is.
    """
    content = load(body)
    kind = _kind_of(content)
    if kind is None:
        raise InvalidInput("the body is none of those that FACEIT sends", field="body")
    return kind, DECODERS[kind](content)


def _kind_of(content: Mapping[str, Any]) -> Kind | None:
    items = content.get("items")
    if isinstance(items, list | tuple):
        return _matching(items[0], _BY_KEYS_OF_ITEMS) if items else Kind.EMPTY
    return _matching(content, _BY_KEYS)


def _matching(content: object, table: tuple[tuple[Kind, set[str]], ...]) -> Kind | None:
    keys: Mapping[str, Any] = content if isinstance(content, Mapping) else {}
    return next((kind for kind, wanted in table if wanted <= keys.keys()), None)
