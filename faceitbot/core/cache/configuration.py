"""What Django's `CACHES` says about an alias."""

from typing import Any, cast

from django.conf import settings

ALIASES = ("player_cache", "match_cache", "stats_cache")


def location(alias: str) -> str:
    """Give the URL of the alias' Redis."""
    return cast("str", settings.CACHES[alias]["LOCATION"])


def lifetime_seconds(alias: str) -> float:
    """Give how long values of the alias live; 0 switches it off."""
    return cast("float", settings.CACHES[alias]["TIMEOUT"])


def options(alias: str) -> dict[str, Any]:
    """Give the options of the alias."""
    return cast("dict[str, Any]", settings.CACHES[alias].get("OPTIONS", {}))
