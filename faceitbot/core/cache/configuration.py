"""What Django's `CACHES` says about an alias."""

from typing import Any

from django.conf import settings
from django.core.signals import setting_changed

ALIASES = ("player_cache", "match_cache", "stats_cache")
# A hit would ask Django twice, half a microsecond each time.
_configured: dict[str, dict[str, Any]] = {}


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
    configured = _configured.get(alias)
    if configured is None:
        configured = _configured[alias] = settings.CACHES[alias]
    return configured


def _forget(**_changed: object) -> None:
    _configured.clear()


setting_changed.connect(_forget)
