"""Redis or Valkey: a round trip, its memory, and how often the caches serve."""

from collections import Counter
from secrets import token_hex
from time import monotonic

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from redis.exceptions import OutOfMemoryError, RedisError

from faceitbot.core.cache import reports
from faceitbot.core.cache.configuration import ALIASES
from faceitbot.core.cache.counters import HITS, MISSES
from faceitbot.core.cache.maintenance import look_at_server
from faceitbot.core.cache.registry import server_of
from faceitbot.core.display import digits
from faceitbot.core.figures import percentage
from faceitbot.core.health.checks import Check, Finding, Needs, State, spoken

TRIES = 3  # each of which waits a tenth of a second: a busy machine is no dead server
FULL = 0.9  # of the memory that it may use
HOURS = 2
FEW_READS = 1_000
POOR_PERCENT = 50
_KEY = "health:round_trip"
_MIB = 1024 * 1024


def _cache() -> Finding:
    server = server_of("stats_cache")
    failure: Exception | None = None
    for _try in range(TRIES):
        started, value = monotonic(), token_hex(8).encode()
        try:
            server.run([("SET", _KEY, value, "EX", 60)])
            same = server.run([("GET", _KEY)]) == value
        except OutOfMemoryError:
            text = spoken(lambda: _("Valkey is full and takes nothing new."))
            return Finding(State.DEGRADED, text)
        except (RedisError, OSError) as error:
            failure = error
            continue
        if not same:
            continue  # somebody else looked in between
        return _round_trip(round((monotonic() - started) * 1000, 1))
    reason = type(failure).__name__ if failure else ""
    return Finding(State.DOWN, spoken(lambda: _("Valkey does not answer (%(error)s).") % {"error": reason}))


def _round_trip(ms: float) -> Finding:
    return Finding(State.FINE, spoken(lambda: _("A value went there and back in %(ms)s ms.") % {"ms": ms}))


def _memory() -> Finding:
    figures = look_at_server("stats_cache")
    values = {
        "used": digits(round(figures.used_memory / _MIB)),
        "most": digits(round(figures.max_memory / _MIB)),
        "evicted": digits(figures.evicted),
    }
    if not figures.max_memory:
        text = spoken(lambda: _("%(used)s MiB in use, without a limit; %(evicted)s keys evicted.") % values)
        return Finding(State.FINE, text)
    text = spoken(lambda: _("%(used)s of %(most)s MiB in use; %(evicted)s keys evicted.") % values)
    full = figures.used_memory >= figures.max_memory * FULL
    # A cache that makes room for what is new may be full all the time.
    return Finding(State.DEGRADED if full and figures.policy == "noeviction" else State.FINE, text)


def _hit_rate() -> Finding:
    counts: Counter[str] = Counter()
    for alias in ALIASES:
        counts.update(reports.read(server_of(alias).client, alias, HOURS))
    hits = sum(counts[name] for name in HITS)
    reads = hits + sum(counts[name] for name in MISSES)
    if reads < FEW_READS:
        few = {"reads": digits(reads)}
        text = spoken(lambda: _("Reads within two hours: %(reads)s, too few to judge.") % few)
        return Finding(State.FINE, text)
    rate = percentage(hits, reads)
    values = {"rate": f"{rate:.0f}", "reads": digits(reads)}
    text = spoken(lambda: _("%(rate)s %% of %(reads)s reads within two hours needed no database.") % values)
    return Finding(State.DEGRADED if rate < POOR_PERCENT else State.FINE, text)


_SLOWER = gettext_lazy("Everything: money and limits need the database alone. Answers take longer.")
CHECKS = (
    Check(
        "cache",
        "Valkey",
        _cache,
        _SLOWER,
        'valkey-cli -u "$REDIS_URL" ping',
        Needs.CACHE,
        about_server=True,
    ),
    Check(
        "cache_memory",
        gettext_lazy("Memory of Valkey"),
        _memory,
        _SLOWER,
        'valkey-cli -u "$REDIS_URL" config set maxmemory-policy allkeys-lru',
        Needs.CACHE,
    ),
    Check(
        "cache_hit_rate",
        gettext_lazy("Hit rate of the caches"),
        _hit_rate,
        _SLOWER,
        "python manage.py cache_stats",
        Needs.CACHE,
    ),
)
