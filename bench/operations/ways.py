"""Which way our calls go: with or without a cache; and the running counts that say that they did."""

from collections.abc import Callable

from django.conf import settings

from faceitbot.core.cache.configuration import ALIASES
from faceitbot.core.statements import ways


async def no_cache() -> None:
    """Have rows read from the database."""
    for alias in ALIASES:
        settings.CACHES[alias]["TIMEOUT"] = 0


def on_the_loop(*methods: str) -> Callable[[], int]:
    """Give a count of the calls that ran on the event loop's own connections."""
    return lambda: sum(ways.calls(name).get(ways.POOL, 0) for name in methods)
