"""Raw bodies of FACEIT into the tables of statistics; the same body again adds nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta

from faceitbot.core import clock
from faceitbot.core.errors import InvalidInput
from faceitbot.core.observability import emit
from faceitbot.core.transactions import prepared_transaction
from faceitbot.faceit import (
    Raw,
    decode_game_stats,
    decode_lifetime_stats,
    decode_match_stats,
    decode_player,
)
from stats.figures import Card, checked_figures, player, ttl
from stats.filling.lifetimes import kept
from stats.filling.refiguring import refigure
from stats.filling.rows import rows_of_match, rows_of_player
from stats.filling.storing import store
from stats.models import PlayerMatch, PlayerStatsCache
from stats.models.cards import CARD_MINUTES
from stats.repositories.cards import CardMethods

GAMES = ("cs2", "csgo")  # whose statistics are kept; FACEIT has others


class FillingMethods(CardMethods):
    """What FACEIT says of players, kept and made into cards.

    Level and ELO are told by profiles alone. What is told of matches and lifetimes makes a card live for
    `ttl_minutes`, but no longer than its level and ELO are good for; an expired card comes back without them.
    The decoders read a body before the transaction begins, and name by its path what they cannot read.
    """

    @prepared_transaction()
    def record_player(
        self, body: Raw, ttl_minutes: int = CARD_MINUTES, now: datetime | None = None
    ) -> Callable[[], list[PlayerStatsCache]]:
        """Write level, ELO, avatar and country to a player's cards in CS2 and CS:GO; give the cards.

        Source: the body of `/players/{player_id}`. Errors: `InvalidInput` with the path inside the body.
        """
        told = decode_player(body)
        who = {"avatar": told.avatar, "country": told.country}
        figures = {
            game: checked_figures(
                {"skill_level": told.games[game].skill_level, "faceit_elo": told.games[game].elo, **who}
            )
            for game in GAMES
            if game in told.games
        }
        cards = [Card(told.player_id, told.nickname, game, each) for game, each in figures.items()]
        minutes, at = ttl(ttl_minutes), clock.aware_or_none(now)
        return lambda: self._write(cards, minutes, at)

    @prepared_transaction()
    def record_match_stats(
        self,
        body: Raw,
        finished_at: datetime | None = None,
        ttl_minutes: int = CARD_MINUTES,
        now: datetime | None = None,
    ) -> Callable[[], list[PlayerStatsCache]]:
        """Keep what each player did on each map of a match, and make all their cards anew; give the cards.

        Five statements for any number of players. `finished_at` is when the match ended, which this body does
        not say: until somebody does, it counts as played when it was first heard of.
        Source: the body of `/matches/{match_id}/stats`. Errors: `InvalidInput` with the path inside the body.
        """
        rows = rows_of_match(decode_match_stats(body), clock.aware_or_none(finished_at, "finished_at"))
        minutes, at = ttl(ttl_minutes), clock.aware_or_none(now)
        games = {row["game"] for row in rows}

        def write() -> list[PlayerStatsCache]:
            moment = at or clock.now()
            changed = store(rows, moment, richer=True)
            cards: list[PlayerStatsCache] = []
            for game in sorted(games):
                nicknames = {row["player_id"]: row["nickname"] for row in rows if row["game"] == game}
                written = refigure(nicknames, game, moment + timedelta(minutes=minutes), moment, at)
                self._tell(written)
                cards += written.rows
            if changed:
                emit("player_matches.recorded", changed)
            return cards

        return write

    @prepared_transaction()
    def record_lifetime_stats(
        self, player_id: str, body: Raw, ttl_minutes: int = CARD_MINUTES, now: datetime | None = None
    ) -> Callable[[], PlayerStatsCache]:
        """Keep a player's lifetime statistics on his card, and make it anew; give it.

        The body does not name him: he is called as before, or as in his newest match, or else by his id.
        Source: the body of `/players/{player_id}/stats/{game_id}`.
        Errors: `InvalidInput` with the path inside the body, also for a body about somebody else.
        """
        wanted, told = player(player_id), decode_lifetime_stats(body)
        if told.player_id != wanted:
            raise InvalidInput("player_id: the body is about another player", field="player_id")
        lifetime, minutes, at = kept(told), ttl(ttl_minutes), clock.aware_or_none(now)

        def write() -> PlayerStatsCache:
            moment = at or clock.now()
            nicknames = {wanted: _nickname_of(wanted)}
            ends = moment + timedelta(minutes=minutes)
            written = refigure(nicknames, told.game, ends, moment, at, lifetime)
            self._tell(written)
            return written.rows[0]

        return write

    @prepared_transaction()
    def record_game_stats(
        self, player_id: str, body: Raw, ttl_minutes: int = CARD_MINUTES, now: datetime | None = None
    ) -> Callable[[], list[PlayerStatsCache]]:
        """Keep what one player did in his matches, and make his card anew; give it, one for each game.

        This body tells less than the statistics of a match do: it adds what is not known yet, and replaces
        nothing.
        Source: the body of `/players/{player_id}/games/{game_id}/stats`.
        Errors: as `record_lifetime_stats`.
        """
        wanted, told = player(player_id), decode_game_stats(body)
        for number, played in enumerate(told.matches):
            if played.player_id != wanted:
                path = f"items[{number}].stats.Player Id"
                raise InvalidInput(f"{path}: the body is about another player", field=path)
        named = next((played.nickname for played in told.matches if played.nickname), None)
        rows = rows_of_player(told, named or wanted)
        games = sorted({row["game"] for row in rows})
        minutes, at = ttl(ttl_minutes), clock.aware_or_none(now)

        def write() -> list[PlayerStatsCache]:
            moment = at or clock.now()
            changed = store(rows, moment, richer=False)
            nicknames = {wanted: named or _nickname_of(wanted)}
            cards: list[PlayerStatsCache] = []
            for game in games:
                written = refigure(nicknames, game, moment + timedelta(minutes=minutes), moment, at)
                self._tell(written)
                cards += written.rows
            if changed:
                emit("player_matches.recorded", changed)
            return cards

        return write


def _nickname_of(player_id: str) -> str:
    """Give what a player was called last, or his id."""
    cards = PlayerStatsCache.objects.filter(player_id=player_id).order_by("-updated_at")
    matches = PlayerMatch.objects.filter(player_id=player_id).order_by("-played_at")
    for rows in (cards, matches):
        found: str | None = rows.values_list("nickname", flat=True).first()
        if found:
            return found
    return player_id
