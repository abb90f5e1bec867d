"""How figures of players, teams and maps are written on the pages of matches."""

from collections.abc import Iterable, Mapping
from typing import Any

from faceitbot.core.display import EMPTY, decimal, digits, percent
from faceitbot.faceit.words import name_of, text_of
from matches.admin.reading_json import figure, is_plain, number, text

_SHARES = ("winrate", "percent", "rate")
_THRESHOLDS = ("from", "below", "least", "most")
_UNSAID = ("rating_version",)  # a rating that is an estimate has a sign


def whole(value: Any) -> str:
    """Give a number without decimals."""
    return figure(value, lambda given: digits(round(given)))


def level(value: Any) -> str:
    """Give a level; an average of several has a decimal."""
    return figure(value, lambda given: digits(given) if isinstance(given, int) else decimal(given, 1))


def ratio(value: Any) -> str:
    """Give a ratio such as K/D."""
    return figure(value, decimal)


def damage(value: Any) -> str:
    """Give damage per round."""
    return figure(value, lambda given: decimal(given, 1))


def share(value: Any) -> str:
    """Give a percentage."""
    return figure(value, percent)


def points(value: Any) -> str:
    """Give a difference with its sign."""
    return figure(
        value, lambda given: f"{'+' if given > 0 else '−' if given < 0 else ''}{damage(abs(given))}"
    )


def rating(value: Any, version: Any) -> str:
    """Give a rating; one that is an estimate has a sign before it."""
    return f"~{ratio(value)}" if is_estimate(value, version) else ratio(value)


def is_estimate(value: Any, version: Any) -> bool:
    """Tell whether a rating is an estimate."""
    return number(value) is not None and "estimated" in text(version)


def because(facts: Mapping[str, Any]) -> str:
    """Give the numbers behind a piece of advice as one line."""
    return _line(facts, (key for key in facts if not _is_threshold(key) and key not in _UNSAID))


def thresholds(facts: Mapping[str, Any]) -> str:
    """Give what those numbers were measured against."""
    return _line(facts, (key for key in facts if _is_threshold(key)))


def _line(facts: Mapping[str, Any], keys: Iterable[str]) -> str:
    said = ((name_of(key), _said(key, facts)) for key in keys)
    return " · ".join(f"{name}: {value}" for name, value in said if value != EMPTY)


def _said(key: str, facts: Mapping[str, Any]) -> str:
    value = facts[key]
    if isinstance(value, list):
        return ", ".join(text_of(text(item)) for item in value if is_plain(item)) or EMPTY
    if key == "rating":
        return rating(value, facts.get("rating_version"))
    if key.rpartition("_")[2] in _SHARES or key == "percent_from":
        return damage(value) if name_of(key).endswith("%") else share(value)
    if key == "difference":
        return points(value)
    if isinstance(value, int):
        return level(value)
    return figure(value, decimal) if number(value) is not None else text_of(text(value)) or EMPTY


def _is_threshold(key: str) -> bool:
    return key.rpartition("_")[2] in _THRESHOLDS and key != "length_at_least"
