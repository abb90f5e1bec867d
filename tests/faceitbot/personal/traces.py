"""Everything that is stored, as text, and where words are found in it."""

from collections.abc import Iterable, Iterator

from django.db import connection

from faceitbot.core.cache.registry import server_of

# What FACEIT tells everybody of its players stays when somebody is erased, and is nobody's of ours any more.
PUBLIC = {"player_matches", "player_stats", "player_stats_points"}


def tables() -> Iterator[tuple[str, str]]:
    """Give each row of each table of the database as text: (table, row); but of what is public."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        for name in [name for (name,) in cursor.fetchall() if name not in PUBLIC]:
            cursor.execute(f'SELECT row_to_json(everything)::text FROM "{name}" AS everything')
            yield from ((name, row) for (row,) in cursor.fetchall())


def redis() -> Iterator[tuple[str, str]]:
    """Give each key of Redis with its value as text."""
    client = server_of("player_cache").client
    read = {b"string": client.get, b"hash": client.hgetall, b"zset": lambda key: client.zrange(key, 0, -1)}
    for key in client.scan_iter("*"):
        yield "redis", f"{key!r} {read[client.type(key)](key)!r}"


def found(words: Iterable[object]) -> set[tuple[str, str]]:
    """Give where a word is found: (word, table or redis)."""
    wanted = [str(word).lower() for word in words]
    return {(word, place) for place, text in (*tables(), *redis()) for word in wanted if word in text.lower()}
