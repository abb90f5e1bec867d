"""Reads what a caller says about a match into columns; what cannot be read is named by its path."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db.models import CharField

from faceitbot.core import clock
from faceitbot.core.errors import InvalidInput
from faceitbot.core.json_values import clean_json
from faceitbot.core.text import clean_text
from faceitbot.faceit import map_name
from matches.models import MatchAnalysis
from matches.models.statuses import read_status

LATEST_SECOND = 253_402_300_799  # the last one of the year 9999
_TEXTS = {
    "game": "game",
    "region": "region",
    "map": "map_name",
    "competition_name": "competition_name",
    "competition_type": "competition_type",
}
_LONGEST = {
    field.attname: field.max_length or 0
    for field in MatchAnalysis._meta.concrete_fields
    if isinstance(field, CharField)
}
_MOMENTS = ("configured_at", "started_at", "finished_at")
_PARTS = ("team1_analysis", "team2_analysis", "prediction")


def read_analysis(data: object) -> dict[str, Any]:
    """Give the columns that an analysis fills; those of the match that it does not mention are left out.

    Shape: {match_info {game, region, map, status, competition_name, competition_type, configured_at,
    started_at, finished_at}, team1_analysis, team2_analysis, prediction, match_url, cached_data_used}; what
    else there is goes to `details` under its own name, and so does more of match_info.
    Errors: `InvalidInput` with the path: `match_info.started_at`, `team1_analysis.players[3].rating`;
    `analysis_data` for what is no mapping, or too large.
    """
    if not isinstance(data, Mapping):
        raise InvalidInput(
            f"analysis_data must be a mapping, not {type(data).__name__}", field="analysis_data"
        )
    given = dict(data)
    info = given.pop("match_info", None)
    if info is not None and not isinstance(info, Mapping):
        raise InvalidInput(f"match_info must be a mapping, not {type(info).__name__}", field="match_info")
    info = dict(info or {})
    columns = _facts(info)
    columns |= {name: _part(given.pop(name, None), name) for name in _PARTS}
    url, cached = given.pop("match_url", None), given.pop("cached_data_used", None)
    if url is not None:
        columns["match_url"] = _text(url, "match_url", "match_url")
    if cached is not None and not isinstance(cached, bool):
        raise InvalidInput(
            f"cached_data_used must be bool, not {type(cached).__name__}", field="cached_data_used"
        )
    columns["cached_data_used"] = bool(cached)
    columns["details"] = _details(given, info)
    clean_json({name: columns[name] for name in (*_PARTS, "details")}, "analysis_data")  # all of it together
    return columns


def read_moment(value: object, field: str) -> datetime | None:
    """Give a moment that is written as ISO text with a zone, in epoch seconds, or is a datetime already.

    0 is what FACEIT writes where there is none: None.
    Errors: `InvalidInput`.
    """
    if isinstance(value, str):
        try:
            return clock.aware(datetime.fromisoformat(value), field)
        except ValueError as error:
            if isinstance(error, InvalidInput):
                raise
            raise InvalidInput(f"{field} is no time: {value[:40]!r}", field=field) from None
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value == 0:
            return None
        if not math.isfinite(value) or not 0 < value <= LATEST_SECOND:
            raise InvalidInput(f"{field} is no time in seconds since 1970", field=field)
        return datetime.fromtimestamp(value, UTC)
    return clock.aware(value, field)


def _facts(info: dict[str, Any]) -> dict[str, Any]:
    """Take the columns of the match out of what is said about it."""
    facts: dict[str, Any] = {}
    for name, column in _TEXTS.items():
        text = info.pop(name, None)
        if text is not None:
            facts[column] = _text(text, column, f"match_info.{name}")
    if "map_name" in facts:
        facts["map_name"] = map_name(facts["map_name"], "match_info.map")
    status = info.pop("status", None)
    if status is not None:
        facts["status"], facts["status_raw"] = read_status(status, "match_info.status")
    for name in _MOMENTS:
        written = info.pop(name, None)
        moment = None if written is None else read_moment(written, f"match_info.{name}")
        if moment is not None:
            facts[name] = moment
    return facts


def _text(value: object, column: str, path: str) -> str:
    return clean_text(value, path, _LONGEST[column])


def _part(value: object, name: str) -> Any:
    if value is not None and not isinstance(value, Mapping | list | tuple):
        raise InvalidInput(f"{name} must be a mapping, not {type(value).__name__}", field=name)
    return clean_json(value, name)


def _details(given: dict[str, Any], info: dict[str, Any]) -> dict[str, Any] | None:
    left = {**given, "match_info": info} if info else given
    details: dict[str, Any] = {}
    for name, part in left.items():
        if not isinstance(name, str):
            raise InvalidInput("analysis_data has a key that is no text", field="analysis_data")
        details |= clean_json({name: part}, "analysis_data")
    return details or None
