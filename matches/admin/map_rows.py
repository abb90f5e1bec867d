"""How strong both teams are on each map."""

from collections.abc import Mapping
from typing import Any

from faceitbot.faceit.words import name_of
from matches.admin.analysis_shapes import SIDES
from matches.admin.figures import damage, points, ratio, share, whole
from matches.admin.reading_json import mapping, number, text

Data = Mapping[str, Any]


def maps(team1: Any, team2: Any, compared: Any) -> list[dict[str, Any]]:
    """Give a row for each map that a team has played, those with the largest difference first."""
    both = mapping(compared)
    sides = [mapping(mapping(data).get("maps")) for data in (team1, team2)]
    names = sorted({*both, *sides[0], *sides[1]})
    found = [
        _map(name, mapping(both.get(name)), [mapping(side.get(name)) for side in sides]) for name in names
    ]
    return sorted(found, key=lambda each: -each["clear"])


def _map(name: str, compared: Data, sides: list[Data]) -> dict[str, Any]:
    difference = compared.get("difference")
    error = compared.get("standard_error")
    return {
        "name": name,
        "sides": [
            {
                "winrate": share(_first(compared.get(f"{label}_winrate"), side.get("winrate"))),
                "matches": whole(_first(compared.get(f"{label}_matches"), side.get("matches"))),
                "more": _figures_on_map(side),
            }
            for label, side in zip(SIDES, sides, strict=True)
        ],
        "difference": points(difference),
        "error": damage(error) if text(error) else "",
        "clear": abs(number(difference) or 0),
    }


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _figures_on_map(side: Data) -> str:
    written = (("avg_rating", ratio), ("avg_kd", ratio), ("avg_adr", damage), ("players", whole))
    return " · ".join(
        f"{name_of(name)} {write(side[name])}" for name, write in written if text(side.get(name))
    )
