"""Cards by their players, and how they are written."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from faceitbot.core import clock
from faceitbot.core.cache import Caching, cache_player_data, cache_rows
from faceitbot.core.cache.keys import operation_scope
from faceitbot.core.errors import InvalidInput
from faceitbot.core.repository import BATCH_SECONDS, MAX_LIMIT
from faceitbot.core.statements import Key, Now, Param, many_rows, one_row
from faceitbot.core.transactions import prepared_transaction, query
from faceitbot.core.values import listed
from stats.figures import Card, card, game_name, moment_of, nick, player, ttl
from stats.models import PlayerStatsCache
from stats.models.cards import CARD_MINUTES
from stats.writing import Written, write_cards

_NOT_FIGURES = {"player_id", "nickname", "stats_data", "user_id"}
_LIVE = PlayerStatsCache.objects.filter(expires_at__gt=Now(), game=Param("game"))


def _players(player_ids: Sequence[str]) -> list[str]:
    players = list(dict.fromkeys(player(value) for value in listed("player_ids", player_ids)))
    if len(players) > MAX_LIMIT:
        raise InvalidInput(f"player_ids may name {MAX_LIMIT} players at most", field="player_ids")
    return players


def _of_player(player_id: str, game: str = "cs2", now: datetime | None = None) -> Key | None:
    return Key(player(player_id), (("game", game_name(game)),)) if now is None else None


def _of_team(player_ids: Sequence[str], game: str = "cs2", now: datetime | None = None) -> Key | None:
    return Key(_players(player_ids), (("game", game_name(game)),)) if now is None else None


class CardMethods(Caching):
    """One card, a team's cards, and writing them."""

    @cache_player_data(by="player_id", clean=player)
    @one_row(by="player_id", key=_of_player, rows=_LIVE)
    @query
    def get_player_stats(
        self, player_id: str, game: str = "cs2", now: datetime | None = None
    ) -> PlayerStatsCache | None:
        """Give the card of a player, or None if there is none or it has expired. Cached: yes."""
        rows = PlayerStatsCache.objects.live(moment_of(now)).of_game(game_name(game))
        return rows.filter(player_id=player(player_id)).first()

    @cache_player_data(by="nickname", clean=nick)
    @query
    def get_player_stats_by_nickname(
        self, nickname: str, game: str = "cs2", now: datetime | None = None
    ) -> PlayerStatsCache | None:
        """Give the card of the player with this nickname in any case, or None. Cached: yes.

        Nicknames change hands: of several cards with the same one, the last written is given.
        """
        rows = PlayerStatsCache.objects.live(moment_of(now)).of_game(game_name(game))
        return rows.nickname_is(nick(nickname)).order_by("-updated_at", "id").first()

    @cache_rows(like=get_player_stats, most=MAX_LIMIT)
    @many_rows(by="player_id", key=_of_team, rows=_LIVE)
    @query
    def get_team_stats(
        self, player_ids: Sequence[str], game: str = "cs2", now: datetime | None = None
    ) -> list[PlayerStatsCache]:
        """Give the cards of some players in the order asked, each once, without the unknown and expired.

        Cached: yes, each card for itself, as `get_player_stats` does; all of them in one round trip.
        """
        players = _players(player_ids)
        rows = PlayerStatsCache.objects.live(moment_of(now)).of_game(game_name(game))
        found = {row.player_id: row for row in rows.filter(player_id__in=players)}
        return [found[key] for key in players if key in found]

    @prepared_transaction()
    def cache_player_stats(
        self,
        player_id: str,
        nickname: str,
        stats_data: Mapping[str, Any],
        game: str = "cs2",
        user_id: UUID | None = None,
        ttl_minutes: int = CARD_MINUTES,
        now: datetime | None = None,
    ) -> Callable[[], PlayerStatsCache]:
        """Write figures to a player's card, new or not, expired or not; give it.

        A figure that is not given, or given as None, "" or {}, stays as it was. When a tracked figure has
        changed, a point of the history tells so. The card belongs to the user given, else to the one to whom
        this FACEIT account is linked.
        Shape: `stats_data` {column: value}: `stats.models.cards.FIGURES`.
        Errors: `UnknownField` for another column; `UserNotFound`.
        Concurrency: any number of calls for one player make one row.
        """
        wanted, minutes = card(player_id, nickname, stats_data, game, user_id), ttl(ttl_minutes)
        at = clock.aware_or_none(now)

        def body() -> PlayerStatsCache:
            return self._write([wanted], minutes, at)[0]

        return body

    @prepared_transaction(budget_seconds=BATCH_SECONDS)
    def cache_multiple_players(
        self,
        players_data: Iterable[Mapping[str, Any]],
        game: str = "cs2",
        ttl_minutes: int = CARD_MINUTES,
        now: datetime | None = None,
    ) -> Callable[[], list[PlayerStatsCache]]:
        """Write the cards of many players in three statements, as `cache_player_stats` does; all or none.

        Shape: each {player_id, nickname, stats_data {column: value}, user_id?}; the columns may also stand
        beside the id.
        Errors: as `cache_player_stats`; `InvalidInput` for a player who appears twice.
        """
        cards = [_card(given, game) for given in listed("players_data", players_data)]
        minutes, at = ttl(ttl_minutes), clock.aware_or_none(now)

        def body() -> list[PlayerStatsCache]:
            return self._write(cards, minutes, at)

        return body

    def _write(self, cards: Sequence[Card], minutes: int, at: datetime | None) -> list[PlayerStatsCache]:
        moment = at or clock.now()
        written = write_cards(cards, moment + timedelta(minutes=minutes), moment, at)
        self._tell(written)
        return written.rows

    def _tell(self, written: Written) -> None:
        """Tell the cache of cards, by what they are called and were called before."""
        rows, scopes = written.rows, self._scopes(*written.rows)
        former = [(row, written.former.get((row.player_id, row.game))) for row in rows]
        renamed = [(row, name) for row, name in former if name is not None and name != row.nickname]
        scopes |= self._scopes(
            *(PlayerStatsCache(pk=row.pk, player_id=row.player_id, nickname=name) for row, name in renamed)
        )
        if written.unknown_former:
            scopes.add(operation_scope("get_player_stats_by_nickname"))
        self._written(scopes)


def _card(given: object, game: object) -> Card:
    if not isinstance(given, Mapping):
        raise InvalidInput(f"a player must be a mapping, not {type(given).__name__}", field="players_data")
    told = {name: value for name, value in given.items() if name not in _NOT_FIGURES}
    figures = given.get("stats_data", {})
    if not isinstance(figures, Mapping):
        raise InvalidInput(f"stats_data must be a mapping, not {type(figures).__name__}", field="stats_data")
    return card(
        given.get("player_id"), given.get("nickname"), {**told, **figures}, game, given.get("user_id")
    )
