"""SQLAlchemy 2, its async engine on asyncpg, a pool of 16.

Tuned as its documentation says: statements are made once, so that its cache has them; the tables are mapped
as they are; reads and single statements run on an engine in AUTOCOMMIT, which sends no BEGIN and no ROLLBACK
and whose connections need no reset; the pool gives the connection that was used last.
"""

import os
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from bench.peers.limit import counted_with, values_of
from bench.peers.peer import Peer

POOL = 16


class Alchemy(Peer):
    """The engines, the mapped tables and the statements."""

    package = "sqlalchemy"

    async def open(self) -> None:
        import sqlalchemy as sa  # noqa: PLC0415 - need not be there
        from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine  # noqa: PLC0415
        from sqlalchemy.ext.declarative import DeferredReflection  # noqa: PLC0415
        from sqlalchemy.orm import DeclarativeBase  # noqa: PLC0415

        url = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://")
        size: dict[str, Any] = {
            "pool_size": POOL,
            "max_overflow": 0,
            "pool_use_lifo": True,
            "pool_timeout": 120,
        }
        self._plain = create_async_engine(url, **size)
        self._tuned = create_async_engine(
            url, **size, isolation_level="AUTOCOMMIT", pool_reset_on_return=None
        )
        self._transaction = async_sessionmaker(self._plain, expire_on_commit=False)
        self._autocommit = async_sessionmaker(self._tuned, expire_on_commit=False)

        class Base(DeclarativeBase):  # type: ignore[misc]
            pass

        class Reflected(DeferredReflection):  # type: ignore[misc]
            __abstract__ = True

        class User(Reflected, Base):
            __tablename__ = "users"

        class Subscription(Reflected, Base):
            __tablename__ = "user_subscriptions"

        class Player(Reflected, Base):
            __tablename__ = "player_stats"

        class Metric(Reflected, Base):
            __tablename__ = "metrics"

        async with self._plain.connect() as connection:
            await connection.run_sync(Reflected.prepare)
        wanted, now = sa.bindparam("wanted"), sa.func.now()
        self._user = sa.select(User).where(User.telegram_id == wanted)
        self._players = sa.select(Player).where(
            Player.player_id == sa.any_(sa.cast(wanted, sa.ARRAY(sa.Text))),
            Player.game == "cs2",
            Player.expires_at > now,
        )
        self._limit = sa.text(counted_with(":{}").replace("::", "\\:\\:"))
        self._metric = sa.insert(Metric)

    async def close(self) -> None:
        await self._plain.dispose()
        await self._tuned.dispose()

    async def user(self, telegram_id: int) -> Any:
        """Give a user."""
        async with self._autocommit() as session:
            return (await session.execute(self._user, {"wanted": telegram_id})).scalar_one_or_none()

    async def user_in_transaction(self, telegram_id: int) -> Any:
        """Give a user in the way of its tutorial: BEGIN, the query, ROLLBACK."""
        async with self._transaction() as session:
            return (await session.execute(self._user, {"wanted": telegram_id})).scalar_one_or_none()

    async def players(self, player_ids: Sequence[str]) -> list[Any]:
        """Give the cards of some players."""
        async with self._autocommit() as session:
            return list((await session.execute(self._players, {"wanted": list(player_ids)})).scalars())

    async def limit(self, user_id: UUID) -> Any:
        """Count a request by our own SQL."""
        async with self._tuned.connect() as connection:
            return (await connection.execute(self._limit, values_of(user_id))).one()

    async def limit_in_transaction(self, user_id: UUID) -> Any:
        """Count a request by our own SQL, in a transaction as its tutorial has it."""
        async with self._plain.begin() as connection:
            return (await connection.execute(self._limit, values_of(user_id))).one()

    async def metric(self, row: dict[str, Any]) -> None:
        """Write an event."""
        async with self._tuned.connect() as connection:
            await connection.execute(self._metric, row)

    async def handler(self, telegram_id: int, row: dict[str, Any]) -> tuple[Any, Any]:
        """Serve an update: the user, his request, an event, on one connection."""
        async with self._autocommit() as session:
            user = (await session.execute(self._user, {"wanted": telegram_id})).scalar_one()
            counted = (await session.execute(self._limit, values_of(user.id))).one()
            await session.execute(self._metric, row)
        return user, counted


alchemy = Alchemy()
