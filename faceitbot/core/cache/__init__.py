"""The cache: same answers as the database, sooner, and nobody notices when Redis is away.

    protocol    the steps of reading and writing, without I/O; start here
    keys        names of values and stamps, patterns      codec     rows to bytes and back
    entry       what is stored                            doubts    what must not be trusted yet
    state       what a process knows of a server          server    Redis for threads (django-redis)
    shelf       what it has read within the last 0.8 s    arguments  of a call, by name
    blocking    runs the steps in a thread                link      Redis for an event loop, batched
    awaiting    runs the steps on an event loop           keeper    moves stamps once Redis is back
    methods     the decorators                            spec      what a decorated method needs
    many        many rows at once                         together  the same steps for many values
    invalidation  after a write                           registry  servers, counters, tables
    caching     what a repository has of all this         call      one call of a method
    counters, reports  how often it hits                  maintenance  for the commands

Redis holds nothing that matters. What is stored there is served only while the stamps that it was made under
are those of this moment, and never longer than its time; whatever cannot be read is a miss.
"""

from faceitbot.core.cache.caching import Caching
from faceitbot.core.cache.invalidation import invalidate_table
from faceitbot.core.cache.link import settle_links
from faceitbot.core.cache.many import cache_rows
from faceitbot.core.cache.methods import cache_match_data, cache_player_data, cache_row, cache_stats_data
from faceitbot.core.cache.registry import close, doubt_everything

__all__ = [
    "Caching",
    "cache_match_data",
    "cache_player_data",
    "cache_row",
    "cache_rows",
    "cache_stats_data",
    "close",
    "doubt_everything",
    "invalidate_table",
    "settle_links",
]
