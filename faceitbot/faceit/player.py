"""A player's profile, with his level and ELO in each game."""

from typing import Annotated

from faceitbot.faceit.links import in_language
from faceitbot.faceit.loading import Raw, decode
from faceitbot.faceit.reading import Body
from faceitbot.faceit.values import Elo, Flag, Id, Level, Link, Moment, Name, Nickname, Word


class PlayerGame(Body, frozen=True, kw_only=True):
    """What a player is in one game."""

    skill_level: Level | None = None
    elo: Annotated[Elo | None, "faceit_elo"] = None
    region: Word | None = None
    game_player_id: Word | None = None
    game_player_name: Name | None = None


class Player(Body, frozen=True, kw_only=True):
    """A player; `games` by their names (`cs2`, `csgo`)."""

    player_id: Id
    nickname: Nickname
    avatar: Link | None = None
    country: Word | None = None
    games: dict[str, PlayerGame]
    language: Annotated[Word | None, "settings.language"] = None
    steam_id: Annotated[Word | None, "steam_id_64"] = None
    memberships: tuple[Word, ...] = ()
    verified: Flag | None = None
    activated_at: Moment | None = None
    faceit_url: Link | None = None

    def profile_url(self, language: str = "en") -> str | None:
        """Give the link of the player's page in a language."""
        return in_language(self.faceit_url, language)


def decode_player(body: Raw) -> Player:
    """Give the player of `/players/{player_id}`, also of `/players?nickname=`.

    Errors: `InvalidInput` whose field is the path inside the body.
    """
    return decode(Player, body)
