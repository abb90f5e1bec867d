"""asyncpg as it comes: its own pool of 16, statements prepared by it, rows as records.

Its pool resets a connection each time one comes back; to leave that out is a documented setting, for code
that changes nothing of a connection. Both are measured where it matters.
"""

import json
import os
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from bench.peers.limit import counted_by_place, values_of
from bench.peers.peer import Peer

POOL = 16


class Raw(Peer):
    """Two pools, one that resets its connections and one that does not."""

    package = "asyncpg"

    async def open(self) -> None:
        import asyncpg  # noqa: PLC0415 - need not be there

        async def no_reset(_connection: Any) -> None:
            pass

        async def with_json(connection: Any) -> None:
            await connection.set_type_codec(
                "jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog"
            )

        url = os.environ["DATABASE_URL"]
        size: dict[str, Any] = {"min_size": POOL, "max_size": POOL, "init": with_json}
        self._pool = await asyncpg.create_pool(url, **size)
        self._lean = await asyncpg.create_pool(url, **size, reset=no_reset)
        self._limit = counted_by_place()

    async def close(self) -> None:
        await self._pool.close()
        await self._lean.close()

    async def user(self, telegram_id: int) -> Any:
        """Give a user."""
        return await self._pool.fetchrow("SELECT * FROM users WHERE telegram_id = $1", telegram_id)

    async def user_without_reset(self, telegram_id: int) -> Any:
        """Give a user."""
        return await self._lean.fetchrow("SELECT * FROM users WHERE telegram_id = $1", telegram_id)

    async def players(self, player_ids: Sequence[str]) -> list[Any]:
        """Give the cards of some players."""
        found: list[Any] = await self._pool.fetch(
            "SELECT * FROM player_stats WHERE player_id = ANY($1) AND game = 'cs2' AND expires_at > now()",
            list(player_ids),
        )
        return found

    async def limit(self, user_id: UUID) -> Any:
        """Count a request by our own SQL."""
        return await self._pool.fetchrow(self._limit, *values_of(user_id).values())

    async def limit_without_reset(self, user_id: UUID) -> Any:
        """Count a request by our own SQL."""
        return await self._lean.fetchrow(self._limit, *values_of(user_id).values())

    async def metric(self, row: dict[str, Any]) -> None:
        """Write an event."""
        await self._pool.execute(
            "INSERT INTO metrics (name, value, metric_type, tags, timestamp, period)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            *row.values(),
        )

    async def handler(self, telegram_id: int, row: dict[str, Any]) -> tuple[Any, Any]:
        """Serve an update: the user, his request, an event, on one connection."""
        async with self._pool.acquire() as connection:
            user = await connection.fetchrow("SELECT * FROM users WHERE telegram_id = $1", telegram_id)
            counted = await connection.fetchrow(self._limit, *values_of(user["id"]).values())
            await connection.execute(
                "INSERT INTO metrics (name, value, metric_type, tags, timestamp, period)"
                " VALUES ($1, $2, $3, $4, $5, $6)",
                *row.values(),
            )
        return user, counted


raw = Raw()
