"""What operators do with the cache: look at it, clear it.

Nothing here runs on the way of a request: it walks through the keys.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from redis.exceptions import RedisError

from faceitbot.core import clock
from faceitbot.core.cache import registry, reports
from faceitbot.core.cache.counters import MISSES
from faceitbot.core.cache.keys import STAMP
from faceitbot.core.cache.server import Server
from faceitbot.core.cache.state import CacheUnavailable

_DATABASE = re.compile(r"db\d+")
_SCANNED_AT_ONCE = 1_000
_MEASURED = 1_000  # keys whose memory is asked for; the others are estimated by them


@dataclass
class AliasFigures:
    """What one alias holds, and how it did in the last hours. Units: bytes; keys without their stamps."""

    alias: str
    values: int = 0
    stamps: int = 0
    memory: int = 0
    by_operation: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ServerFigures:
    """What the server of an alias says of itself. Units: bytes, seconds; 0 as `max_memory` means no limit."""

    location: str
    version: str
    uptime: int
    used_memory: int
    max_memory: int
    policy: str
    evicted: int
    keys: int


def look_at(alias: str, hours: int) -> tuple[AliasFigures, ServerFigures]:
    """Give the figures of an alias and of its server. Errors: `CacheUnavailable`."""
    server = registry.server_of(alias)
    try:
        return _alias_figures(server, alias, hours), _server_figures(server)
    except (RedisError, OSError) as error:
        raise CacheUnavailable(f"{type(error).__name__}: {error}") from error


def look_at_server(alias: str) -> ServerFigures:
    """Give the figures of an alias' server, which costs it nothing. Errors: `CacheUnavailable`."""
    try:
        return _server_figures(registry.server_of(alias))
    except (RedisError, OSError) as error:
        raise CacheUnavailable(f"{type(error).__name__}: {error}") from error


def clear(alias: str) -> int:
    """Remove all values and stamps of an alias, and nothing else; give how many values there were.

    What this process has just read goes too, of all aliases. What has been counted stays: after an emptied
    cache it is all that is left to look at.

    A reader that is loading meanwhile stores its value under a stamp that is gone: it is not served.
    Errors: `CacheUnavailable`.
    """
    server = registry.server_of(alias)
    server.state.shelf.clear()
    removed = 0
    try:
        names = _names(server, alias)
        while batch := list(islice(names, _SCANNED_AT_ONCE)):
            server.run((("UNLINK", *batch),))
            removed += sum(_is_value(name) for name in batch)
    except (RedisError, OSError) as error:
        raise CacheUnavailable(f"{type(error).__name__}: {error}") from error
    return removed


def misses_of_last_hour(alias: str, now: datetime | None = None) -> int | None:
    """Give roughly how many reads of all processes Redis could not answer within the last hour.

    Counters are kept by the hour: of the one before this one its part counts. None when Redis is away.
    """
    moment = now or clock.now()
    try:
        client = registry.server_of(alias).client
        this, before = (reports.read(client, alias, 1, moment - timedelta(hours=age)) for age in (0, 1))
    except (RedisError, OSError):
        return None
    return round(_misses(this) + _misses(before) * (1 - moment.minute / 60))


def _misses(counts: Mapping[str, int]) -> int:
    return sum(number for name, number in counts.items() if name in MISSES)


def _alias_figures(server: Server, alias: str, hours: int) -> AliasFigures:
    figures = AliasFigures(alias, counts=reports.read(server.client, alias, hours))
    measured = sampled = 0
    for name in _names(server, alias):
        if not _is_value(name):
            figures.stamps += 1
            continue
        figures.values += 1
        table_and_operation = b":".join(name.split(b":")[2:4]).decode(errors="replace")
        figures.by_operation[table_and_operation] = figures.by_operation.get(table_and_operation, 0) + 1
        if sampled < _MEASURED:
            sampled += 1
            measured += server.run((("MEMORY", "USAGE", name),)) or 0
    figures.memory = round(measured / sampled * figures.values) if sampled else 0
    return figures


def _server_figures(server: Server) -> ServerFigures:
    info = server.client.info()
    return ServerFigures(
        server.location,
        str(info.get("valkey_version") or info.get("redis_version")),
        int(info["uptime_in_seconds"]),
        int(info["used_memory"]),
        int(info["maxmemory"]),
        str(info["maxmemory_policy"]),
        int(info["evicted_keys"]),
        sum(database["keys"] for name, database in info.items() if _DATABASE.fullmatch(name)),
    )


def _names(server: Server, alias: str) -> Iterator[bytes]:
    """Give the names of values and stamps."""
    found: Iterator[bytes] = server.client.scan_iter(f"{alias}:*", count=_SCANNED_AT_ONCE)
    return (name for name in found if not reports.is_report(name, alias))


def _is_value(name: bytes) -> bool:
    """Say whether a name is that of a value, not of a stamp."""
    return name.split(b":")[3:4] != [STAMP.encode()]  # alias:version:table:operation:identifier
