"""Checks what a card is told: the figures by their names, within the bounds that the database has too."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from faceitbot.core import clock
from faceitbot.core.errors import InvalidInput
from faceitbot.core.ids import faceit_id, row_id
from faceitbot.core.rows import checked_values
from faceitbot.core.text import MAX_NICKNAME_LENGTH, clean_text
from faceitbot.core.values import whole
from faceitbot.faceit.maps import map_name
from stats.models import PlayerStatsCache
from stats.models.cards import CLUTCH_RANGES, FIGURES, MAP_RANGES, MAX_GAME_LENGTH, RANGES, WEAPON_RANGES
from stats.ratings.form import LOSS, WIN

MAX_TTL_MINUTES = 60 * 24 * 365
_TOTALS = ("matches", "total_matches")


@dataclass(frozen=True)
class Card:
    """What is to be written to a player's card; `figures` has no value that says nothing.

    `named_at` is when he bore the nickname, where that is not now.
    """

    player_id: str
    nickname: str
    game: str
    figures: Mapping[str, Any]
    user_id: UUID | None = None
    named_at: datetime | None = None


def player(value: object, field: str = "player_id") -> str:
    """Give the FACEIT id of a player, or refuse what is none."""
    return faceit_id(value, field)


def nick(value: object, field: str = "nickname") -> str:
    """Give a FACEIT nickname, or refuse what cannot be one."""
    return clean_text(value, field, MAX_NICKNAME_LENGTH)


def game_name(value: object, field: str = "game") -> str:
    """Give the name of a game as FACEIT has it, or refuse what cannot be one."""
    return clean_text(value, field, MAX_GAME_LENGTH)


def moment_of(now: object) -> datetime:
    """Give the moment that a call is about: this one unless another is given."""
    return clock.now() if now is None else clock.aware(now)


def ttl(value: object) -> int:
    """Give for how many minutes a card is served, or refuse it."""
    return whole("ttl_minutes", value, 1, MAX_TTL_MINUTES)


def card(
    player_id: object,
    nickname: object,
    figures: Mapping[str, Any],
    game: object = "cs2",
    user_id: object = None,
) -> Card:
    """Give what is to be written to a card.

    Errors: `UnknownField` for a figure that cards do not have, `InvalidInput` for a value that none may have.
    """
    return Card(
        player(player_id),
        nick(nickname),
        game_name(game),
        checked_figures(figures),
        None if user_id is None else row_id(user_id, "user_id"),
    )


def checked_figures(figures: object) -> dict[str, Any]:
    """Give the figures as they may be written, without those that say nothing: None, "" and {}.

    `matches_played` is taken from the figures of matches or of maps where it is not given.
    Errors: as `card`.
    """
    if not isinstance(figures, Mapping):
        raise InvalidInput(f"stats_data must be a mapping, not {type(figures).__name__}", field="stats_data")
    told = {name: value for name, value in figures.items() if value not in (None, "", {})}
    checked = checked_values(PlayerStatsCache, FIGURES, told)
    for name, (lowest, highest) in RANGES.items():
        _within(name, checked.get(name), lowest, highest)
    if checked.get("recent_form", "").strip(WIN + LOSS):
        raise InvalidInput("recent_form consists of W and L", field="recent_form")
    if "map_performance" in checked:
        checked["map_performance"] = _maps(checked["map_performance"])
    _mapping("match_history_stats", checked.get("match_history_stats", {}))
    for name, ranges in (("weapon_preferences", WEAPON_RANGES), ("clutch_stats", CLUTCH_RANGES)):
        _numbers(name, _mapping(name, checked.get(name, {})), ranges)
    matches = _matches(checked)
    return checked if matches is None else {"matches_played": matches, **checked}


def _maps(maps: object) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for given, figures in _mapping("map_performance", maps).items():
        path = f"map_performance.{given}"
        name = map_name(given, path)
        if name in found:
            raise InvalidInput(f"{path}: {name} appears twice", field=path)
        told = _mapping(path, figures)
        whole(f"{path}.matches", told.get("matches", 0), *cast("tuple[int, int]", MAP_RANGES["matches"]))
        _numbers(path, told, MAP_RANGES)
        found[name] = {"matches": 0, **told}
    return found


def _mapping(name: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidInput(f"{name} must be a mapping, not {type(value).__name__}", field=name)
    return value


def _numbers(path: str, told: Mapping[str, Any], ranges: Mapping[str, tuple[float, float]]) -> None:
    for name, (lowest, highest) in ranges.items():
        _number(f"{path}.{name}", told.get(name), lowest, highest)


def _number(name: str, value: object, lowest: float, highest: float) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise InvalidInput(f"{name} must be a number, not {type(value).__name__}", field=name)
    _within(name, cast("float | None", value), lowest, highest)


def _within(name: str, value: float | None, lowest: float, highest: float) -> None:
    if value is not None and not lowest <= value <= highest:
        raise InvalidInput(f"{name} must be from {lowest} to {highest}, not {value}", field=name)


def _matches(figures: Mapping[str, Any]) -> int | None:
    """Give how many matches the figures speak of, or None."""
    told = figures.get("match_history_stats", {})
    for name in _TOTALS:
        matches: object = told.get(name)
        if isinstance(matches, int) and not isinstance(matches, bool) and matches >= 0:
            return matches
    on_maps = figures.get("map_performance")
    return None if on_maps is None else sum(int(each["matches"]) for each in on_maps.values())
