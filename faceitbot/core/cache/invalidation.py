"""How writes tell the cache: stamps are moved once the transaction has committed.

Stale values after a write, in Redis; what another process has just read it serves up to 0.8 s longer
(`shelf`), the writing process never:

- Redis answers: none, in any process, from the moment the write returns.
- Redis does not answer: none in the writing process, which goes past Redis until the stamps are moved; other
  processes may be served the old value until Redis is back and a quarter of a second longer.
- The connection was lost during COMMIT: the repository's caller gets `OutcomeUnknown`, and the stamps are
  moved again and again until the server has surely executed or dropped it; if the network holds it back for
  longer, at most until the value's time is over (`PLAYER_CACHE_SECONDS` and so on).
- The writing process dies between its commit and the move, or loses its connection during a COMMIT of the
  admin's own: at most until the value's time is over. The same holds when Redis comes back with old contents
  while nobody has noticed.

What a repository keeps under keys of its own (`_set_cache` with an operation that is no method) depends on no
row: only patterns invalidate it.
"""

from collections.abc import Collection
from typing import ClassVar

from django.db import connection, transaction

from faceitbot.core.cache import awaiting, blocking, registry
from faceitbot.core.cache.call import Conversation
from faceitbot.core.cache.counters import FAILED_MOVES
from faceitbot.core.cache.keys import stamp_name, table_stamp
from faceitbot.core.cache.link import link_to
from faceitbot.core.cache.protocol import move

MOST_SCOPES = 400  # of one write; beyond, the stamp of the table is moved


class Invalidation:
    """Moves stamps when called; to do so once too often is harmless."""

    even_if_commit_is_unknown: ClassVar[bool] = True

    def __init__(self, alias: str) -> None:
        self.__qualname__ = type(self).__qualname__  # Django names a hook that fails
        self.alias = alias
        self.names: set[str] = set()

    def __call__(self, *, hold_seconds: float = 0) -> None:
        """Move the stamps; with `hold_seconds`, keep them in doubt that long and move them again."""
        names = self.names
        if len(names) > MOST_SCOPES:
            names = {table_stamp(name) for name in names}
        server, counters = registry.server_of(self.alias), registry.counters_of(self.alias)
        steps = move(names, server.state, hold_seconds)
        if not blocking.drive(steps, server, Conversation(counters)):
            counters.add(FAILED_MOVES)


def invalidate(alias: str, table: str, scopes: Collection[str]) -> None:
    """Move the stamps of these scopes, after the commit if a transaction is open."""
    _on_commit(alias, {stamp_name(alias, table, scope) for scope in scopes})


async def invalidate_now(alias: str, table: str, scopes: Collection[str], hold_seconds: float = 0) -> None:
    """Move the stamps of these scopes, on the event loop, after a commit there.

    With `hold_seconds` they stay in doubt that long: whether it has committed is not known.
    """
    server, counters = registry.server_of(alias), registry.counters_of(alias)
    steps = move({stamp_name(alias, table, scope) for scope in scopes}, server.state, hold_seconds)
    if not await awaiting.drive(steps, link_to(server), Conversation(counters)):
        counters.add(FAILED_MOVES)


def invalidate_table(table: str) -> None:
    """Move the one stamp that all values about a table have, wherever they lie."""
    for alias in registry.aliases_of(table):
        _on_commit(alias, {stamp_name(alias, table)})


def _on_commit(alias: str, names: Collection[str]) -> None:
    # What was registered in this transaction and is still there is undone with us at the latest; to move its
    # stamps and ours in one step is at worst once too often.
    registered = (entry[1] for entry in connection.run_on_commit)
    for hook in registered if connection.in_atomic_block else ():
        if isinstance(hook, Invalidation) and hook.alias == alias:
            hook.names.update(names)
            return
    new = Invalidation(alias)
    new.names.update(names)
    # Robust: the write has committed, and must not look failed because of the cache.
    transaction.on_commit(new, robust=True)
