"""Bans of a player, players found by a nickname, the best of a region, and lists of nothing."""

from typing import Annotated

from faceitbot.faceit.loading import Raw, decode
from faceitbot.faceit.reading import Body
from faceitbot.faceit.values import (
    Elo,
    Flag,
    Id,
    Label,
    Level,
    Link,
    Moment,
    Name,
    Nickname,
    Nothing,
    Total,
    Where,
    Word,
    refuse_repeated,
)


class Ban(Body, frozen=True, kw_only=True):
    """One ban; without an end it lasts."""

    player_id: Annotated[Id, "user_id"]
    nickname: Nickname | None = None
    type: Word | None = None
    reason: Name | None = None
    game: Label | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None


class Bans(Body, frozen=True, kw_only=True):
    """The bans of one player."""

    bans: Annotated[tuple[Ban, ...], "items"]


class FoundGame(Body, frozen=True, kw_only=True):
    """A game that a found player plays."""

    game: Annotated[Label, "name"]
    skill_level: Level | None = None


class FoundPlayer(Body, frozen=True, kw_only=True):
    """A player whose nickname looks like what was asked for."""

    player_id: Id
    nickname: Nickname
    avatar: Link | None = None
    country: Word | None = None
    verified: Flag | None = None
    games: tuple[FoundGame, ...] = ()


class Search(Body, frozen=True, kw_only=True):
    """Who was found."""

    players: Annotated[tuple[FoundPlayer, ...], "items"]

    def check(self, where: Where) -> None:
        refuse_repeated(
            where, ((("players", n, "player_id"), found.player_id) for n, found in enumerate(self.players))
        )


class Place(Body, frozen=True, kw_only=True):
    """One place of a ranking."""

    position: Total
    player_id: Id
    nickname: Nickname
    country: Word | None = None
    elo: Annotated[Elo | None, "faceit_elo"] = None
    skill_level: Annotated[Level | None, "game_skill_level"] = None


class Ranking(Body, frozen=True, kw_only=True):
    """A part of a region's ranking, best first."""

    places: Annotated[tuple[Place, ...], "items"]

    def check(self, where: Where) -> None:
        refuse_repeated(
            where, ((("places", n, "player_id"), each.player_id) for n, each in enumerate(self.places))
        )


class Empty(Body, frozen=True, kw_only=True):
    """A list without items: the usual answer about bans, and that of every list where there is nothing."""

    items: Nothing


def decode_bans(body: Raw) -> Bans:
    """Give the bans of `/players/{player_id}/bans`.

    Errors: `InvalidInput` whose field is the path inside the body.
    """
    return decode(Bans, body)


def decode_search(body: Raw) -> Search:
    """Give the players of `/search/players`.

    Errors: `InvalidInput` whose field is the path inside the body.
    """
    return decode(Search, body)


def decode_ranking(body: Raw) -> Ranking:
    """Give the places of `/rankings/games/{game_id}/regions/{region}`.

    Errors: `InvalidInput` whose field is the path inside the body.
    """
    return decode(Ranking, body)


def decode_empty(body: Raw) -> Empty:
    """Give what a list without items holds.

    Errors: `InvalidInput` where it is none.
    """
    return decode(Empty, body)
