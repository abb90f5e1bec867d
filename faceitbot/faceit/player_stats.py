"""Statistics of one player: of his whole life, map by map, and match by match."""

from typing import Annotated

from faceitbot.faceit.figures import Figures
from faceitbot.faceit.loading import Raw, decode
from faceitbot.faceit.reading import Body
from faceitbot.faceit.values import (
    Count,
    Figure,
    Flag,
    Id,
    Label,
    MapName,
    Milliseconds,
    Name,
    Nickname,
    Percent,
    Total,
    Where,
    Word,
    refuse_repeated,
)


class ExtendedTotals(Body, frozen=True, kw_only=True):
    """Sums over the `extended_matches`, which are fewer than all.

    Divide them by `extended_matches`, `extended_rounds` or `extended_kills`, and by nothing else. `adr` is
    that of these matches too. Bodies of csgo hold none of them.
    """

    extended_matches: Annotated[Total | None, "Total Matches"] = None
    extended_rounds: Annotated[Total | None, "Total Rounds with extended stats"] = None
    extended_kills: Annotated[Total | None, "Total Kills with extended stats"] = None
    adr: Annotated[Figure | None, "ADR"] = None
    damage: Annotated[Total | None, "Total Damage"] = None
    entry_count: Annotated[Total | None, "Total Entry Count"] = None
    entry_wins: Annotated[Total | None, "Total Entry Wins"] = None
    one_v_one_count: Annotated[Total | None, "Total 1v1 Count"] = None
    one_v_one_wins: Annotated[Total | None, "Total 1v1 Wins"] = None
    one_v_two_count: Annotated[Total | None, "Total 1v2 Count"] = None
    one_v_two_wins: Annotated[Total | None, "Total 1v2 Wins"] = None
    flash_count: Annotated[Total | None, "Total Flash Count"] = None
    flash_successes: Annotated[Total | None, "Total Flash Successes"] = None
    enemies_flashed: Annotated[Total | None, "Total Enemies Flashed"] = None
    utility_count: Annotated[Total | None, "Total Utility Count"] = None
    utility_successes: Annotated[Total | None, "Total Utility Successes"] = None
    utility_damage: Annotated[Total | None, "Total Utility Damage"] = None
    sniper_kills: Annotated[Total | None, "Total Sniper Kills"] = None


class LifetimeFigures(ExtendedTotals, frozen=True, kw_only=True):
    """All matches of a player in one game.

    There are no kills, deaths and rounds over all of them: take those from the map segments. FACEIT's
    lifetime `K/D Ratio` and `Total Headshots %` are left out on purpose, for they are sums of what each match
    had (2309.97); `average_kd` and `average_headshots_percent` are the means of the same.
    """

    matches: Annotated[Total | None, "Matches"] = None
    wins: Annotated[Total | None, "Wins"] = None
    win_rate: Annotated[Percent | None, "Win Rate %"] = None
    average_kd: Annotated[Figure | None, "Average K/D Ratio"] = None
    average_headshots_percent: Annotated[Percent | None, "Average Headshots %"] = None
    current_win_streak: Annotated[Count | None, "Current Win Streak"] = None
    longest_win_streak: Annotated[Count | None, "Longest Win Streak"] = None
    recent_results: Annotated[tuple[Flag, ...], "Recent Results"] = ()  # oldest first


class MapFigures(ExtendedTotals, frozen=True, kw_only=True):
    """All matches of a player on one map.

    Here kills, deaths and rounds are those of all matches. The segment's `K/D Ratio`, `K/R Ratio` and `Total
    Headshots %` are sums over matches and left out.
    """

    matches: Annotated[Total, "Matches"]
    wins: Annotated[Total | None, "Wins"] = None
    win_rate: Annotated[Percent | None, "Win Rate %"] = None
    rounds: Annotated[Total | None, "Rounds"] = None
    kills: Annotated[Total | None, "Kills"] = None
    deaths: Annotated[Total | None, "Deaths"] = None
    assists: Annotated[Total | None, "Assists"] = None
    mvps: Annotated[Total | None, "MVPs"] = None
    headshots: Annotated[Total | None, "Headshots"] = None
    triple_kills: Annotated[Total | None, "Triple Kills"] = None
    quadro_kills: Annotated[Total | None, "Quadro Kills"] = None
    penta_kills: Annotated[Total | None, "Penta Kills"] = None
    average_kd: Annotated[Figure | None, "Average K/D Ratio"] = None
    average_headshots_percent: Annotated[Percent | None, "Average Headshots %"] = None


class Segment(Body, frozen=True, kw_only=True):
    """One map in one mode."""

    type: Label
    mode: Label | None = None
    map: Annotated[MapName, "label"]
    figures: Annotated[MapFigures, "stats"]


class LifetimeStats(Body, frozen=True, kw_only=True):
    """A player's whole life in one game."""

    player_id: Id
    game: Annotated[Label, "game_id"]
    figures: Annotated[LifetimeFigures, "lifetime"]
    segments: tuple[Segment, ...] = ()

    @property
    def recent_form(self) -> str:
        """The latest results, newest first: `LWWWW`."""
        return "".join("W" if won else "L" for won in reversed(self.figures.recent_results))

    def maps(self, mode: str = "5v5") -> tuple[Segment, ...]:
        """Give the segments of maps in one mode, each map once."""
        return tuple(part for part in self.segments if part.type == "map" and part.mode == mode)

    def check(self, where: Where) -> None:
        refuse_repeated(
            where,
            (
                (("segments", n, "map"), (part.type, part.mode, part.map))
                for n, part in enumerate(self.segments)
            ),
        )


class PlayedMatch(Body, frozen=True, kw_only=True):
    """What one player did on one map of a match.

    Sniper, entry, utility and clutch figures are not among it: only the match's own statistics have those.
    """

    match_id: Annotated[Id, "stats.Match Id"]
    match_round: Annotated[Count, "stats.Match Round"] = 1
    player_id: Annotated[Id, "stats.Player Id"]
    nickname: Annotated[Nickname | None, "stats.Nickname"] = None
    game: Annotated[Label | None, "stats.Game"] = None
    game_mode: Annotated[Word | None, "stats.Game Mode"] = None
    best_of: Annotated[Count | None, "stats.Best Of"] = None
    competition_id: Annotated[Id | None, "stats.Competition Id"] = None
    region: Annotated[Word | None, "stats.Region"] = None
    map: Annotated[MapName | None, "stats.Map"] = None
    rounds: Annotated[Count | None, "stats.Rounds"] = None
    team_name: Annotated[Name | None, "stats.Team"] = None
    team_score: Annotated[Count | None, "stats.Final Score"] = None
    winner_id: Annotated[Id | None, "stats.Winner"] = None
    finished_at: Annotated[Milliseconds | None, "stats.Match Finished At"] = None
    figures: Annotated[Figures, "stats"]


class GameStats(Body, frozen=True, kw_only=True):
    """Matches of one player in one game, newest first, each map of a match for itself."""

    matches: Annotated[tuple[PlayedMatch, ...], "items"]

    def check(self, where: Where) -> None:
        refuse_repeated(
            where,
            (
                (("matches", n, "match_id"), (played.match_id, played.match_round, played.player_id))
                for n, played in enumerate(self.matches)
            ),
        )


def decode_lifetime_stats(body: Raw) -> LifetimeStats:
    """Give the statistics of `/players/{player_id}/stats/{game_id}`.

    Errors: `InvalidInput` whose field is the path inside the body.
    """
    return decode(LifetimeStats, body)


def decode_game_stats(body: Raw) -> GameStats:
    """Give the matches of `/players/{player_id}/games/{game_id}/stats`.

    Errors: `InvalidInput` whose field is the path inside the body.
    """
    return decode(GameStats, body)
