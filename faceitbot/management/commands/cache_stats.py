"""`manage.py cache_stats [ALIAS]`: how often the caches served, what they hold, how their server is."""

import json
from argparse import ArgumentTypeError
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError, CommandParser

from faceitbot.core import clock, exit_codes
from faceitbot.core.cache import counters
from faceitbot.core.cache.configuration import ALIASES, lifetime_seconds
from faceitbot.core.cache.maintenance import AliasFigures, ServerFigures, look_at
from faceitbot.core.cache.reports import HOURS
from faceitbot.core.cache.state import CacheUnavailable
from faceitbot.core.figures import percentage

_READS = {
    counters.IN_PROCESS: ("read", "served from the memory of the process"),
    counters.HIT: ("read", "served from Redis"),
    counters.MISS: ("read", "nothing there"),
    counters.STALE: ("read", "outdated by a write, or over its time"),
    counters.UNDECODABLE: ("read", "what lay there was not ours"),
    counters.BYPASSED: ("read", "Redis not asked, or no answer"),
}
_EVENTS = {
    counters.SHARED: ("read", "waited for another read of the same value"),
    counters.REFRESHED: ("hit", "had the value loaded anew ahead of its end"),
    counters.ERROR: ("command", "failed, or not answered in time"),
    counters.FAILED_MOVES: ("write", "could not tell Redis at once"),
}
_FULL = 0.9  # of the limit
_KIB = 1024


class Command(BaseCommand):
    """Walks through the keys; a busy server answers others in between."""

    help = (
        "Show how often the caches served in the last hours, all processes together, what they hold, and how "
        "their server is. Processes report every 5 seconds. "
        "Exit codes: 0 done, 2 refused arguments, 3 Redis unavailable."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("alias", nargs="?", choices=ALIASES, help="default: all of them")
        parser.add_argument(
            "--hours",
            type=_hours,
            default=HOURS,
            metavar="N",
            help="the current hour and those before it, N in all (default: %(default)s)",
        )
        parser.add_argument("--json", action="store_true", dest="as_json", help="print JSON for machines")

    def handle(self, *, alias: str | None, hours: int, as_json: bool, **_options: Any) -> None:
        since = clock.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours - 1)
        try:
            looked = [look_at(each, hours) for each in ([alias] if alias else ALIASES)]
        except CacheUnavailable as error:
            sentence = f"The caches cannot be looked at, for Redis failed: {error}"
            raise CommandError(sentence, returncode=exit_codes.UNAVAILABLE) from error
        servers = {server.location: server for _figures, server in looked}
        if as_json:
            described = {
                "since": since.isoformat(),
                "caches": {figures.alias: _described(figures) for figures, _server in looked},
                "servers": [_described_server(server) for server in servers.values()],
            }
            self.stdout.write(json.dumps(described, indent=2))
            return
        for figures, _server in looked:
            for line in _lines(figures, since):
                self.stdout.write(line)
            self.stdout.write()
        for server in servers.values():
            for line in _server_lines(server):
                self.stdout.write(line)


def _hours(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= HOURS):
        raise ArgumentTypeError(f"{text!r} is not a number of hours from 1 to {HOURS}")
    return int(text)


def _reads(counts: Mapping[str, int]) -> int:
    return sum(counts.get(name, 0) for name in _READS)


def _hit_rate(counts: Mapping[str, int]) -> float | None:
    """Give the share of reads that needed no database, None without reads. Units: per cent."""
    reads = _reads(counts)
    return percentage(sum(counts.get(name, 0) for name in counters.HITS), reads) if reads else None


# ---- For people


def _lines(figures: AliasFigures, since: datetime) -> Iterator[str]:
    seconds, counts, reads = lifetime_seconds(figures.alias), figures.counts, _reads(figures.counts)
    beginning = f"since {since:%Y-%m-%d %H:%M} UTC"
    yield f"{figures.alias}: {f'values live up to {seconds:,.0f} s' if seconds else 'switched off'}"
    if reads:
        yield f"  hit rate {_hit_rate(counts):.1f} % of {_number(reads, 'read')} {beginning}"
    else:
        yield f"  no reads {beginning}"
    for name, (noun, meaning) in {**_READS, **_EVENTS}.items():
        if reads or counts.get(name):
            yield f"    {name:<20} {_number(counts.get(name, 0), noun):>18}  {meaning}"
    stamps = _number(figures.stamps, "stamp")
    if figures.values:
        yield f"  holds {_number(figures.values, 'value')} in about {_size(figures.memory)}, and {stamps}"
    else:
        yield f"  holds no values, and {stamps}"
    for operation, number in sorted(figures.by_operation.items(), key=lambda pair: (-pair[1], pair[0])):
        yield f"    {_number(number, 'value'):>18}  {operation}"


def _server_lines(server: ServerFigures) -> Iterator[str]:
    limit = f"of {_size(server.max_memory)}" if server.max_memory else "without a limit"
    yield f"server {_without_credentials(server.location)}"
    yield f"  version {server.version}, up for {_duration(server.uptime)}"
    yield f"  memory {_size(server.used_memory)} used {limit}, policy {server.policy}"
    yield f"  evicted {_number(server.evicted, 'key')} since it started"
    if _takes_nothing_new(server):
        yield f"  NOTE: it is full, and {server.policy} makes no room: nothing new is cached."
        yield "        Give it more memory, or a policy such as allkeys-lru."


def _takes_nothing_new(server: ServerFigures) -> bool:
    full = 0 < server.max_memory * _FULL <= server.used_memory
    return full and server.policy == "noeviction"


def _number(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _size(number: float) -> str:
    if number < _KIB:
        return f"{number:,.0f} bytes"
    for unit in ("KiB", "MiB"):
        number /= _KIB
        if number < _KIB:
            return f"{number:.1f} {unit}"
    return f"{number / _KIB:,.1f} GiB"


def _duration(seconds: int) -> str:
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days:,} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s"


def _without_credentials(location: str) -> str:
    parts = urlsplit(location)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()


# ---- For machines


def _described(figures: AliasFigures) -> dict[str, Any]:
    return {
        "lifetime_seconds": lifetime_seconds(figures.alias),
        "hit_rate_percent": _hit_rate(figures.counts),
        "counts": {name: figures.counts.get(name, 0) for name in counters.NAMES},
        "values": figures.values,
        "values_by_operation": figures.by_operation,
        "stamps": figures.stamps,
        "memory_bytes": figures.memory,
    }


def _described_server(server: ServerFigures) -> dict[str, Any]:
    described = asdict(server)
    for name, unit in (("uptime", "seconds"), ("used_memory", "bytes"), ("max_memory", "bytes")):
        described[f"{name}_{unit}"] = described.pop(name)
    return {**described, "location": _without_credentials(server.location)}
