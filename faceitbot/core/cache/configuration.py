"""What Django's `CACHES` says about an alias."""

from typing import Any

from faceitbot.core.hot_settings import hot_settings

ALIASES = ("player_cache", "match_cache", "stats_cache")


def location(alias: str) -> str:
    """Give the URL of the alias' Redis."""
    where: str = _of(alias)["LOCATION"]
    return where


def lifetime_seconds(alias: str) -> float:
    """Give how long values of the alias live; 0 switches it off."""
    seconds: float = _of(alias)["TIMEOUT"]
    return seconds


def options(alias: str) -> dict[str, Any]:
    """Give the options of the alias."""
    found: dict[str, Any] = _of(alias).get("OPTIONS", {})
    return found


def _of(alias: str) -> dict[str, Any]:
    configured: dict[str, Any] = hot_settings.CACHES[alias]
    return configured
