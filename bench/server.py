"""What PostgreSQL says of itself: how many statements it has run, and numbers from tables."""

import os

import psycopg

from bench.rounds import Server


class Postgres(Server):
    """A connection of our own, whose questions do not count."""

    def __init__(self) -> None:
        self._connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
        self._connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")

    def statements(self) -> int:
        """Give how many statements of this database's clients have ended, BEGIN and COMMIT among them."""
        return self.number(
            "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements"
            " WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND query NOT LIKE '%pg_stat_statements%'"
        )

    def number(self, sql: str) -> int:
        """Give the number that a statement gives."""
        row = self._connection.execute(sql.encode()).fetchone()
        return int(row[0]) if row else 0

    def version(self) -> str:
        """Give its version."""
        return str(self._connection.info.parameter_status("server_version"))

    def close(self) -> None:
        """Disconnect."""
        self._connection.close()
