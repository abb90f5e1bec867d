"""Whether what the bot stands on answers."""

from redis.exceptions import RedisError

from faceitbot.core.cache.registry import server_of

OK, AWAY = "ok", "away"


def of_redis() -> str:
    """Say "ok" or "away"; a server that this process takes for silent is not waited for."""
    server = server_of("stats_cache")
    if not server.state.is_usable():
        return AWAY
    try:
        server.run([("PING",)])
    except (RedisError, OSError):
        return AWAY
    return OK
