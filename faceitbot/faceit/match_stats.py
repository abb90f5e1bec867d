"""Statistics of a match: each map of it, each team on it, each of its players."""

from typing import Annotated

from faceitbot.core.errors import InvalidInput
from faceitbot.faceit.figures import RoundFigures
from faceitbot.faceit.loading import Raw, decode
from faceitbot.faceit.reading import Body
from faceitbot.faceit.values import (
    Count,
    Flag,
    Id,
    Label,
    MapName,
    Name,
    Nickname,
    Where,
    Word,
    refuse_repeated,
)

TEAMS = 2


class RoundPlayer(Body, frozen=True, kw_only=True):
    """What one player did on one map."""

    player_id: Id
    nickname: Nickname
    figures: Annotated[RoundFigures, "player_stats"]


class RoundTeam(Body, frozen=True, kw_only=True):
    """One team on one map; `team_id` is that of the match's body."""

    team_id: Id
    name: Annotated[Name | None, "team_stats.Team"] = None
    won: Annotated[Flag | None, "team_stats.Team Win"] = None
    score: Annotated[Count | None, "team_stats.Final Score"] = None
    first_half_score: Annotated[Count | None, "team_stats.First Half Score"] = None
    second_half_score: Annotated[Count | None, "team_stats.Second Half Score"] = None
    overtime_score: Annotated[Count | None, "team_stats.Overtime score"] = None
    players: tuple[RoundPlayer, ...]


class Round(Body, frozen=True, kw_only=True):
    """One map of a match, which FACEIT calls a round; `rounds` are what players mean."""

    match_id: Id
    match_round: Count
    game: Annotated[Label | None, "game_id"] = None
    game_mode: Word | None = None
    best_of: Count | None = None
    competition_id: Id | None = None
    map: Annotated[MapName | None, "round_stats.Map"] = None
    rounds: Annotated[Count | None, "round_stats.Rounds"] = None
    region: Annotated[Word | None, "round_stats.Region"] = None
    winner_id: Annotated[Id | None, "round_stats.Winner"] = None
    teams: tuple[RoundTeam, ...]

    def check(self, where: Where) -> None:
        if len(self.teams) != TEAMS:
            field = where("teams")
            raise InvalidInput(f"{field} must be two, not {len(self.teams)}", field=field)
        refuse_repeated(where, ((("teams", n, "team_id"), team.team_id) for n, team in enumerate(self.teams)))
        refuse_repeated(
            where,
            (
                (("teams", n, "players", position, "player_id"), player.player_id)
                for n, team in enumerate(self.teams)
                for position, player in enumerate(team.players)
            ),
        )


class MatchStats(Body, frozen=True, kw_only=True):
    """All that was played in one match, map by map."""

    rounds: tuple[Round, ...]

    @property
    def match_id(self) -> str:
        """The match that all of this belongs to."""
        return self.rounds[0].match_id

    def check(self, where: Where) -> None:
        if not self.rounds:
            field = where("rounds")
            raise InvalidInput(f"{field} must not be empty", field=field)
        refuse_repeated(
            where, ((("rounds", n, "match_round"), part.match_round) for n, part in enumerate(self.rounds))
        )
        for n, part in enumerate(self.rounds):
            if part.match_id != self.match_id:
                field = where("rounds", n, "match_id")
                raise InvalidInput(f"{field} is not that of the first round", field=field)


def decode_match_stats(body: Raw) -> MatchStats:
    """Give the statistics of `/matches/{match_id}/stats`.

    Errors: `InvalidInput` whose field is the path inside the body.
    """
    return decode(MatchStats, body)
