"""What this process caches: its servers with their keepers, the counters of each alias, the tables."""

import asyncio
import threading
from collections import defaultdict

from faceitbot.core.cache import configuration
from faceitbot.core.cache.counters import Counters
from faceitbot.core.cache.keeper import Keeper
from faceitbot.core.cache.link import close_links
from faceitbot.core.cache.server import Server

_lock = threading.Lock()
_servers: dict[str, Server] = {}
_keepers: dict[str, Keeper] = {}
_counters: defaultdict[str, Counters] = defaultdict(Counters)
_aliases: defaultdict[str, set[str]] = defaultdict(set)
_every_table_in_doubt = False


def server_of(alias: str) -> Server:
    """Give the server of an alias."""
    location = configuration.location(alias)
    keeper = _keepers.get(location)
    return keeper.server if keeper and keeper.is_alive() else _open(alias, location)


def counters_of(alias: str) -> Counters:
    """Give the counters of an alias in this process."""
    return _counters[alias]


def add_table(table: str, alias: str) -> None:
    """Note that an alias holds values about a table."""
    _aliases[table].add(alias)


def aliases_of(table: str) -> frozenset[str]:
    """Give the aliases that hold values about a table."""
    return frozenset(_aliases.get(table, ()))


def doubt_everything() -> None:
    """Serve nothing that is stored already: a process like this one may have died with a write untold.

    For processes that live long; the next read of each table moves its stamp.
    """
    global _every_table_in_doubt  # noqa: PLW0603 - said once for the process, before its servers are known
    _every_table_in_doubt = True
    for server in list(_servers.values()):
        server.state.doubt_everything()


async def close() -> None:
    """Close the running loop's connections, and those of the threads with their keepers."""
    await close_links()
    await asyncio.to_thread(close_blocking)


def close_blocking() -> None:
    """Close the connections of the threads; the next call makes new ones."""
    with _lock:
        for keeper in _keepers.values():
            keeper.close()
        for server in _servers.values():
            server.close()
        _keepers.clear()


def _open(alias: str, location: str) -> Server:
    with _lock:
        server = _servers.get(location)
        if server is None:
            server = _servers[location] = Server(alias)
            if _every_table_in_doubt:
                server.state.doubt_everything()
        keeper = _keepers.get(location)
        if keeper is None or not keeper.is_alive():
            _keepers[location] = Keeper(server, _counters)
        return server
