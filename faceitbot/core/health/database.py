"""PostgreSQL: whether it answers, has our tables and free connections, and what its clock says."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from time import monotonic
from typing import Any, TypeVar, cast

import psycopg
from django.conf import settings
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from faceitbot.core import clock
from faceitbot.core.attempts import Plan, run
from faceitbot.core.health.checks import Check, Finding, Needs, State, spoken
from faceitbot.core.watchdog import watchdog

R = TypeVar("R")
ANSWER_SECONDS = 2.0
READ_SECONDS = 3.0
MANY = 0.8  # of the connections that the server gives
OFFSET_SECONDS = 2.0

_SERVER = """
SELECT current_setting('server_version'),
    pg_is_in_recovery() OR current_setting('transaction_read_only')::bool
"""
_CONNECTIONS = """
SELECT (SELECT sum(numbackends) FROM pg_stat_database)::int,
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
"""


def reading(name: str, look: Callable[[], R]) -> R:
    """Give what some queries find, on a pooled connection and in little time. Errors: `Unavailable`."""
    return run(look, Plan(f"health.{name}", atomic=False, budget_seconds=READ_SECONDS))


@contextmanager
def _own_connection() -> Iterator[psycopg.Connection]:
    """Connect past the pool: whether the server answers must not depend on how busy this process is."""
    parameters = cast("DatabaseWrapper", connection).get_connection_params()
    parameters["connect_timeout"] = settings.DATABASE_CONNECT_SECONDS
    with psycopg.connect(**{**parameters, "autocommit": True}) as own:
        with watchdog.guard(own, monotonic() + ANSWER_SECONDS):
            yield own


def _database() -> Finding:
    started = monotonic()
    try:
        with _own_connection() as own:
            version, read_only = own.execute(_SERVER).fetchone() or ("", False)
    except psycopg.Error as error:
        reason = _first_line(error)
        return Finding(
            State.DOWN, spoken(lambda: _("PostgreSQL does not answer: %(error)s.") % {"error": reason})
        )
    if read_only:
        return Finding(
            State.DEGRADED,
            spoken(lambda: _("PostgreSQL %(version)s lets nobody write.") % {"version": version}),
        )
    values = {"version": version, "ms": round((monotonic() - started) * 1000)}
    return Finding(State.FINE, spoken(lambda: _("PostgreSQL %(version)s answers in %(ms)s ms.") % values))


def _migrations() -> Finding:
    def look() -> tuple[int, int]:
        executor = MigrationExecutor(connection)
        loader = executor.loader
        waiting = executor.migration_plan(loader.graph.leaf_nodes())
        unknown = {
            key
            for key in loader.applied_migrations
            if key not in loader.disk_migrations and key[0] in loader.migrated_apps
        }
        return len(waiting), len(unknown)

    waiting, unknown = reading("migrations", look)
    if waiting:
        return Finding(
            State.DOWN,
            spoken(
                lambda: (
                    ngettext(
                        "%(n)s migration has not been run.", "%(n)s migrations have not been run.", waiting
                    )
                    % {"n": waiting}
                )
            ),
        )
    if unknown:
        sentence = spoken(lambda: _("The tables are those of a newer version than this program."))
        return Finding(State.DEGRADED, sentence, next_step="git log -1")
    return Finding(State.FINE, spoken(lambda: _("The tables are those of this version.")))


def _pool() -> Finding:
    used, most = reading("pool", lambda: _row(_CONNECTIONS))
    values = {"used": used, "most": most}
    text = spoken(lambda: _("%(used)s of %(most)s connections are in use.") % values)
    return Finding(State.DEGRADED if used >= most * MANY else State.FINE, text)


def _clock() -> Finding:
    def look() -> tuple[datetime, datetime, datetime]:
        before = clock.now()
        (there,) = _row("SELECT clock_timestamp()")
        return before, there, clock.now()

    before, there, after = reading("clock", look)
    offset = (there - (before + (after - before) / 2)).total_seconds()
    values = {"seconds": f"{abs(offset):.1f}"}
    if abs(offset) <= OFFSET_SECONDS:
        return Finding(
            State.FINE, spoken(lambda: _("The clocks agree within %(seconds)s s.") % {"seconds": "2"})
        )
    if offset > 0:
        text = spoken(lambda: _("The database's clock is %(seconds)s s ahead of ours.") % values)
    else:
        text = spoken(lambda: _("The database's clock is %(seconds)s s behind ours.") % values)
    return Finding(State.DEGRADED, text)


def _row(statement: str) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cast("tuple[Any, ...]", cursor.fetchone())


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


CHECKS = (
    Check(
        "database",
        "PostgreSQL",
        _database,
        gettext_lazy(
            "Nothing that needs data. Payments that Telegram reports meanwhile are found when the list of "
            "Stars is read next."
        ),
        'pg_isready -d "$DATABASE_URL"',
        Needs.DATABASE,
        vital=True,
        about_server=True,
    ),
    Check(
        "migrations",
        gettext_lazy("Tables"),
        _migrations,
        gettext_lazy("What does not touch the tables that are missing or changed."),
        "python manage.py migrate",
        Needs.DATABASE,
        vital=True,
        light=False,
    ),
    Check(
        "pool",
        gettext_lazy("Connections"),
        _pool,
        gettext_lazy("Everything, as long as there are connections; then calls wait and are refused."),
        "psql \"$DATABASE_URL\" -c 'SELECT pid, state, query_start, query FROM pg_stat_activity'",
        Needs.DATABASE,
    ),
    Check(
        "clock",
        gettext_lazy("Clocks"),
        _clock,
        gettext_lazy("Limits and expiry go by the database's clock. Figures of the last minutes may be off."),
        "timedatectl",
        Needs.DATABASE,
    ),
)
