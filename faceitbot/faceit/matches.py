"""A match: as it is asked for, as an item of a hub's list, and of a player's history."""

from typing import Annotated

from faceitbot.faceit.links import in_language
from faceitbot.faceit.loading import Raw, decode
from faceitbot.faceit.reading import Body
from faceitbot.faceit.values import (
    Count,
    Id,
    Label,
    Level,
    Link,
    MapName,
    Name,
    Nickname,
    Seconds,
    Where,
    Winner,
    Word,
    refuse_repeated,
)

BYE = "bye"


class Member(Body, frozen=True, kw_only=True):
    """One player of a roster."""

    player_id: Annotated[Id, "player_id", "id"]
    nickname: Nickname
    avatar: Link | None = None
    skill_level: Annotated[Level | None, "game_skill_level", "skill_level"] = None
    game_player_id: Annotated[Word | None, "game_player_id", "game_id"] = None
    game_player_name: Annotated[Name | None, "game_player_name", "game_name"] = None
    membership: Word | None = None


class Team(Body, frozen=True, kw_only=True):
    """One side of a match.

    `team_id` is the leader's player id where the team was made for this match alone, and `bye` where there is
    no opponent: then the roster is empty.
    """

    team_id: Annotated[Id, "faction_id", "team_id", "id"]
    name: Annotated[Name | None, "name", "nickname"] = None
    avatar: Link | None = None
    leader_id: Annotated[Id | None, "leader", "leader_id"] = None
    roster: Annotated[tuple[Member, ...], "roster", "players"] = ()

    @property
    def is_bye(self) -> bool:
        """Whether this side is nobody, so that the other one walks over."""
        return self.team_id == BYE


class VotableMap(Body, frozen=True, kw_only=True):
    """A map that could be voted for; one of the workshop has a number for its id."""

    id: Annotated[MapName | None, "guid", "game_map_id"] = None
    map: Annotated[MapName | None, "class_name", "name"] = None


class MapVoting(Body, frozen=True, kw_only=True):
    """What was voted on, and which of them were picked, by their ids."""

    entities: tuple[VotableMap, ...] = ()
    pick: tuple[MapName, ...] = ()


class Match(Body, frozen=True, kw_only=True):
    """A match; FACEIT's faction1 is `team1`, its faction2 is `team2`.

    A match that is not over has no winner, nor has one that nobody won; one that was cancelled early has not
    even `configured_at`. A history holds neither what was picked nor best of how many it was. In a best-of-3
    the score counts maps.
    """

    match_id: Id
    game: Annotated[Label, "game", "game_id"]
    region: Word | None = None
    status: Label  # FINISHED on matches, finished in histories
    status_raw: Annotated[Word, "status"]
    competition_id: Id | None = None
    competition_name: Name | None = None
    competition_type: Word | None = None
    organizer_id: Id | None = None
    team1: Annotated[Team, "teams.faction1"]
    team2: Annotated[Team, "teams.faction2"]
    map_voting: Annotated[MapVoting, "voting.map"] = MapVoting()
    best_of: Count | None = None
    scheduled_at: Seconds | None = None
    configured_at: Seconds | None = None
    started_at: Seconds | None = None
    finished_at: Seconds | None = None
    winner: Annotated[Winner | None, "results.winner"] = None
    team1_score: Annotated[Count | None, "results.score.faction1"] = None
    team2_score: Annotated[Count | None, "results.score.faction2"] = None
    faceit_url: Link | None = None

    @property
    def maps(self) -> tuple[str, ...]:
        """The maps that were picked, in the order of play."""
        names = {entity.id: entity.map for entity in self.map_voting.entities}
        return tuple(names.get(pick) or pick for pick in self.map_voting.pick)

    @property
    def map(self) -> str | None:
        """The one map of the match; None before it is picked, and where there are several."""
        return self.maps[0] if len(self.maps) == 1 else None

    @property
    def teams(self) -> tuple[Team, Team]:
        """Both teams."""
        return self.team1, self.team2

    def room_url(self, language: str = "en") -> str | None:
        """Give the link of the match's room in a language."""
        return in_language(self.faceit_url, language)

    def check(self, where: Where) -> None:
        refuse_repeated(
            where,
            (
                ((f"team{side}", "roster", position, "player_id"), member.player_id)
                for side, team in enumerate(self.teams, 1)
                for position, member in enumerate(team.roster)
            ),
        )


class HistoryTeam(Team, frozen=True, kw_only=True):
    """One side of a match in a history, which has names of its own."""

    team_id: Annotated[Id, "team_id", "faction_id", "id"]
    roster: Annotated[tuple[Member, ...], "players", "roster"] = ()


class HistoryMatch(Match, frozen=True, kw_only=True):
    """A match as a history tells of it."""

    game: Annotated[Label, "game_id", "game"]
    team1: Annotated[HistoryTeam, "teams.faction1"]
    team2: Annotated[HistoryTeam, "teams.faction2"]


class History(Body, frozen=True, kw_only=True):
    """Matches of one player, newest first. Who he is the body does not say."""

    matches: Annotated[tuple[HistoryMatch, ...], "items"]

    def check(self, where: Where) -> None:
        refuse_repeated(
            where, ((("matches", n, "match_id"), match.match_id) for n, match in enumerate(self.matches))
        )


class HubMatches(Body, frozen=True, kw_only=True):
    """Matches of one hub, newest first."""

    matches: Annotated[tuple[Match, ...], "items"]

    def check(self, where: Where) -> None:
        refuse_repeated(
            where, ((("matches", n, "match_id"), match.match_id) for n, match in enumerate(self.matches))
        )


def decode_match(body: Raw) -> Match:
    """Give the match of `/matches/{match_id}`.

    Errors: `InvalidInput` whose field is the path inside the body.
    """
    return decode(Match, body)


def decode_history(body: Raw) -> History:
    """Give the matches of `/players/{player_id}/history`.

    Errors: `InvalidInput` whose field is the path inside the body.
    """
    return decode(History, body)


def decode_hub_matches(body: Raw) -> HubMatches:
    """Give the matches of `/hubs/{hub_id}/matches`.

    Errors: `InvalidInput` whose field is the path inside the body.
    """
    return decode(HubMatches, body)
