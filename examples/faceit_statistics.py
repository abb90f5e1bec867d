"""Statistics of FACEIT of our own making: of a match, of a player, of his whole life.

As FACEIT sends them: numbers are text, some totals are sums where one would expect a mean, and bodies of csgo
hold twelve figures of a player where those of CS2 hold 47.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from examples.faceit_play import Person, PlayedMap, PlayedMatch

Json = dict[str, Any]
Line = Counter[str]

COUNTS = (
    *("Kills", "Deaths", "Assists", "Headshots", "MVPs", "Triple Kills", "Quadro Kills", "Penta Kills"),
    *("Double Kills", "Damage"),
)
EXTENDED_COUNTS = (
    *(
        "First Kills",
        "Entry Count",
        "Entry Wins",
        "Clutch Kills",
        "1v1Count",
        "1v1Wins",
        "1v2Count",
        "1v2Wins",
    ),
    *("Flash Count", "Flash Successes", "Enemies Flashed", "Utility Count", "Utility Successes"),
    *("Utility Enemies", "Utility Damage", "Sniper Kills", "Pistol Kills", "Knife Kills", "Zeus Kills"),
)
ONLY_OF_CS2 = {"Double Kills", "Damage", "ADR"}


def match_stats(played: PlayedMatch) -> Json:
    """Give the body of `/matches/{match_id}/stats`.

    Its teams do not stand in the order of the match's body.
    """
    return {
        "rounds": [
            {
                "best_of": str(played.best_of),
                "competition_id": None,
                "game_id": played.game,
                "game_mode": "5v5",
                "match_id": played.match_id,
                "match_round": str(number),
                "played": "1",
                "round_stats": {
                    "Winner": played.sides[part.winner].team_id,
                    "Rounds": str(sum(part.score)),
                    "Score": f"{part.score[0]} / {part.score[1]}",
                    "Map": part.name,
                    "Region": "EU",
                },
                "teams": [_team(played, part, side) for side in (1, 0)],
            }
            for number, part in enumerate(played.maps, 1)
        ]
    }


def game_stats(person: Person, matches: Sequence[PlayedMatch]) -> Json:
    """Give the body of `/players/{player_id}/games/{game_id}/stats`.

    It has a row for each map of each match, newest first.
    """
    newest_first = sorted(matches, key=lambda played: played.finished_at, reverse=True)
    rows = [
        {"stats": _row(person, played, number, part)}
        for played in newest_first
        for number, part in enumerate(played.maps, 1)
    ]
    return {"items": rows, "start": 0, "end": len(rows)}


def lifetime_stats(person: Person, matches: Sequence[PlayedMatch]) -> Json:
    """Give the body of `/players/{player_id}/stats/{game_id}`.

    It is as if these matches were all. Of the oldest there are no extended figures, as of what was played
    before FACEIT counted them. Bodies of csgo have none at all, and commas in their numbers.
    """
    oldest_first = sorted(matches, key=lambda played: played.finished_at)
    results, lines = _results(person, oldest_first), _lines(person, oldest_first)
    game = oldest_first[0].game
    lifetime: Json = {
        **_means(results, lines),
        "Total Headshots %": str(sum(_headshots(line) for line in lines)),  # a sum
        "Current Win Streak": str(_streaks(results)[-1]),
        "Longest Win Streak": str(max(_streaks(results))),
        "Recent Results": [str(int(won)) for won in results[-5:]],
    }
    if game == "cs2":
        lifetime |= _extended(person, oldest_first[1:])
    names = sorted({part.name for played in matches for part in played.maps})
    return {
        "player_id": person.player_id,
        "game_id": game,
        "lifetime": lifetime,
        "segments": [_segment(person, oldest_first, name) for name in names],
    }


def _team(played: PlayedMatch, part: PlayedMap, side: int) -> Json:
    return {
        "team_id": played.sides[side].team_id,
        "premade": False,
        "team_stats": {
            "Team": played.sides[side].name,
            "Team Win": str(int(part.winner == side)),
            "Team Headshots": "8",
            **_scores(part, side),
        },
        "players": [
            {
                "player_id": person.player_id,
                "nickname": person.nickname,
                "player_stats": _figures(played, part, side, part.figures[person.player_id])
                | (_extended_figures(part, part.figures[person.player_id]) if played.game == "cs2" else {}),
            }
            for person in played.sides[side].people
        ],
    }


def _row(person: Person, played: PlayedMatch, number: int, part: PlayedMap) -> Json:
    side = _side_of(person, played)
    return {
        **_figures(played, part, side, part.figures[person.player_id]),
        **_scores(part, side),
        "Best Of": str(played.best_of),
        "Game": played.game,
        "Match Finished At": int(played.finished_at.timestamp()) * 1000,
        "Match Round": str(number),
        "Rounds": str(sum(part.score)),
        "Winner": played.sides[part.winner].team_id,
        "Game Mode": "5v5",
        "Match Id": played.match_id,
        "Player Id": person.player_id,
        "Team": played.sides[side].name,
        "Score": f"{part.score[0]} / {part.score[1]}",
        "Map": part.name,
        "Competition Id": "queue",
        "Region": "EU",
        "Nickname": person.nickname,
    }


def _scores(part: PlayedMap, side: int) -> Json:
    first, second, overtime = (str(won[side]) for won in part.parts)
    return {
        "First Half Score": first,
        "Second Half Score": second,
        "Overtime score": overtime,
        "Final Score": str(part.score[side]),
    }


def _figures(played: PlayedMatch, part: PlayedMap, side: int, line: Line) -> Json:
    """What rows of game stats hold as well; twelve in csgo."""
    rounds = sum(part.score)
    figures = {
        **{name: str(line[name]) for name in COUNTS},
        "Headshots %": str(_headshots(line)),
        "K/D Ratio": _ratio(_kd(line)),
        "K/R Ratio": _ratio(line["Kills"] / rounds),
        "ADR": f"{line['Damage'] / rounds:.1f}",
        "Result": str(int(part.winner == side)),
    }
    return {name: text for name, text in figures.items() if played.game == "cs2" or name not in ONLY_OF_CS2}


def _extended_figures(part: PlayedMap, line: Line) -> Json:
    def share(name: str, of: str) -> str:
        return _ratio(line[name] / line[of]) if line[of] else "0"

    def each_round(name: str) -> str:
        return _ratio(line[name] / sum(part.score))

    return {
        **{name: str(line[name]) for name in EXTENDED_COUNTS},
        "Match 1v1 Win Rate": share("1v1Wins", "1v1Count"),
        "Match 1v2 Win Rate": share("1v2Wins", "1v2Count"),
        "Match Entry Rate": each_round("Entry Count"),
        "Match Entry Success Rate": share("Entry Wins", "Entry Count"),
        "Flashes per Round in a Match": each_round("Flash Count"),
        "Flash Success Rate per Match": share("Flash Successes", "Flash Count"),
        "Enemies Flashed per Round in a Match": each_round("Enemies Flashed"),
        "Utility Usage per Round": each_round("Utility Count"),
        "Utility Success Rate per Match": share("Utility Successes", "Utility Count"),
        "Utility Damage per Round in a Match": each_round("Utility Damage"),
        "Utility Damage Success Rate per Match": share("Utility Damage", "Utility Count"),
        "Sniper Kill Rate per Match": share("Sniper Kills", "Kills"),
        "Sniper Kill Rate per Round": each_round("Sniper Kills"),
    }


def _segment(person: Person, matches: Sequence[PlayedMatch], name: str) -> Json:
    results, lines = _results(person, matches, name), _lines(person, matches, name)
    rounds = sum(sum(part.score) for played in matches for part in played.maps if part.name == name)
    total: Line = sum(lines, Counter())
    stats: Json = {
        **{count: f"{total[count]:,}" for count in COUNTS if count not in ONLY_OF_CS2},
        **_means(results, lines),
        "Rounds": f"{rounds:,}",
        "Total Headshots %": str(sum(_headshots(line) for line in lines)),  # a sum
        "Average Kills": _ratio(total["Kills"] / len(lines)),
        "Average Deaths": _ratio(total["Deaths"] / len(lines)),
    }
    if matches[0].game == "cs2":
        stats |= _extended(person, matches[1:], name)
    return {
        "label": name.removeprefix("de_").title(),
        "img_small": "",
        "img_regular": "",
        "type": "Map",
        "mode": "5v5",
        "stats": stats,
    }


def _means(results: Sequence[bool], lines: Sequence[Line]) -> Json:
    """`K/D Ratio` is a sum over the matches, here as there."""
    return {
        "Matches": f"{len(lines):,}",
        "Wins": f"{sum(results):,}",
        "Win Rate %": str(round(100 * sum(results) / len(results))),
        "K/D Ratio": _ratio(sum(_kd(line) for line in lines)),
        "Average K/D Ratio": _ratio(sum(_kd(line) for line in lines) / len(lines)),
        "Average Headshots %": str(round(sum(_headshots(line) for line in lines) / len(lines))),
    }


def _extended(person: Person, matches: Sequence[PlayedMatch], name: str | None = None) -> Json:
    lines = _lines(person, matches, name)
    rounds = sum(
        sum(part.score) for played in matches for part in played.maps if name is None or part.name == name
    )
    total: Line = sum(lines, Counter())
    return {
        "Total Matches": str(len(lines)),
        "Total Rounds with extended stats": str(rounds),
        "Total Kills with extended stats": str(total["Kills"]),
        "ADR": f"{total['Damage'] / max(rounds, 1):.2f}",
        "Total Damage": str(total["Damage"]),
        "Total 1v1 Count": str(total["1v1Count"]),
        "Total 1v1 Wins": str(total["1v1Wins"]),
        "Total 1v2 Count": str(total["1v2Count"]),
        "Total 1v2 Wins": str(total["1v2Wins"]),
        **{
            f"Total {count}": str(total[count])
            for count in EXTENDED_COUNTS
            if count.startswith(("Entry", "Flash", "Enemies", "Utility", "Sniper"))
            and count != "Utility Enemies"
        },
    }


def _side_of(person: Person, played: PlayedMatch) -> int:
    return int(person in played.sides[1].people)


def _results(person: Person, matches: Sequence[PlayedMatch], name: str | None = None) -> list[bool]:
    return [
        part.winner == _side_of(person, played)
        for played in matches
        for part in played.maps
        if name is None or part.name == name
    ]


def _lines(person: Person, matches: Sequence[PlayedMatch], name: str | None = None) -> list[Line]:
    return [
        part.figures[person.player_id]
        for played in matches
        for part in played.maps
        if name is None or part.name == name
    ]


def _ratio(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _kd(line: Line) -> float:
    return line["Kills"] / max(line["Deaths"], 1)


def _headshots(line: Line) -> int:
    return round(100 * line["Headshots"] / max(line["Kills"], 1))


def _streaks(results: Sequence[bool]) -> list[int]:
    """Give how many wins in a row there were after each match."""
    lengths = [0]
    for won in results:
        lengths.append(lengths[-1] + 1 if won else 0)
    return lengths
