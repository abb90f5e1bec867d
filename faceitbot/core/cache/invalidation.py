"""How writes tell the cache: stamps are moved once the transaction has committed.

Stale values after a write:

- Redis answers: none, in any process, from the moment the write returns.
- Redis does not answer: none in the writing process, which goes past Redis until the stamps are moved; other
  processes may be served the old value until Redis is back and a quarter of a second longer.
- The writing process dies between its commit and the move, or its connection is lost during COMMIT in the
  admin: at most until the value's time is over (`PLAYER_CACHE_SECONDS` and so on). The same holds when Redis
  comes back with old contents while nobody has noticed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar

from django.db import transaction

from faceitbot.core.cache import blocking, registry
from faceitbot.core.cache.call import Conversation
from faceitbot.core.cache.counters import FAILED_MOVES
from faceitbot.core.cache.keys import stamp_name
from faceitbot.core.cache.protocol import move

MOST_SCOPES = 400  # of one write; beyond, the stamp of the table is moved


@dataclass(frozen=True)
class Invalidation:
    """Moves stamps when called; to do so once too often is harmless."""

    even_if_commit_is_unknown: ClassVar[bool] = True
    alias: str
    names: tuple[str, ...]

    def __call__(self) -> None:
        server, counters = registry.server_of(self.alias), registry.counters_of(self.alias)
        if not blocking.drive(move(self.names, server.state), server, Conversation(counters)):
            counters.add(FAILED_MOVES)


def invalidate(alias: str, table: str, scopes: Collection[str]) -> None:
    """Move the stamps of these scopes, after the commit if a transaction is open."""
    if len(scopes) > MOST_SCOPES:
        invalidate_table(table)
    elif scopes:
        _on_commit(alias, {stamp_name(alias, table, scope) for scope in scopes})


def invalidate_table(table: str) -> None:
    """Move the one stamp that all values about a table have, wherever they lie."""
    for alias in registry.aliases_of(table):
        _on_commit(alias, {stamp_name(alias, table)})


def _on_commit(alias: str, names: Collection[str]) -> None:
    # Robust: the write has committed, and must not look failed because of the cache.
    transaction.on_commit(Invalidation(alias, tuple(sorted(names))), robust=True)
