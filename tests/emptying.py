"""Empties the database after a test with committed data, within some milliseconds.

Django's own way, `flush`, truncates every table, full or empty, and makes content types, permissions and
roles anew: half a second, many hundred times. Here the rows of a new installation stay where they are, and of
the other tables those are emptied that hold rows. When a test has changed what a new installation has, or has
filled a table with a lot, Django's way is gone.
"""

from functools import cache
from typing import Any

from django.apps import apps
from django.core.management import CommandError
from django.db import OperationalError, connection, transaction
from django.test import TransactionTestCase
from psycopg.errors import DeadlockDetected

from subscriptions.defaults import create_defaults

MOST_TRIES = 5
MOST_BYTES = 1_000_000  # of a table whose rows are deleted; larger ones are truncated, with all others

_flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]  # it is Django's own
_kept: dict[str, str] = {}  # tables of a new installation that hold rows, and the digest of these


def create_plans() -> None:
    """Add the plans of a new installation where they are missing."""
    if not apps.get_model("subscriptions", "TierLimits").objects.exists():
        create_defaults(
            *(
                apps.get_model("subscriptions", name)
                for name in ("TierLimits", "PlanPrice", "ReferralProgramme")
            )
        )


def empty_database(case: Any) -> None:
    """Leave what a new installation has; takes the place of `TransactionTestCase._fixture_teardown`.

    Concurrency: waits, as TRUNCATE does, until nobody reads or writes a table any more; a process that a test
    has started, and that ends only now, may lock tables in another order: then it begins again.
    """
    for tries_left in reversed(range(MOST_TRIES)):
        try:
            _empty(case)
        except (CommandError, OperationalError) as error:
            if not tries_left or not _is_deadlock(error):
                raise
        else:
            return


def _is_deadlock(error: BaseException | None) -> bool:
    return error is not None and (isinstance(error, DeadlockDetected) or _is_deadlock(error.__cause__))


def _empty(case: Any) -> None:
    if not _kept or not _deleted_rows():
        _flush(case)
        create_plans()
        _kept.clear()
        _kept.update(_digests(_tables()))


@cache
def _tables() -> list[str]:
    """Give the tables of the models: not the one of the migrations."""
    return sorted(connection.introspection.django_table_names(only_existing=True, include_views=False))


def _digests(tables: list[str]) -> dict[str, str]:
    """Give a digest of the rows of each table that has any."""
    one = "SELECT {text}, md5(string_agg(row::text, '' ORDER BY row::text)) FROM {table} AS row"
    quoted = [(f"'{table}'", connection.ops.quote_name(table)) for table in tables]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(one.format(text=text, table=table) for text, table in quoted))
        return {table: digest for table, digest in cursor.fetchall() if digest is not None}


def _deleted_rows() -> bool:
    """Delete all rows but those of a new installation; say whether that was all there is to do."""
    tables = _tables()
    others = [table for table in tables if table not in _kept]
    with transaction.atomic(), connection.cursor() as cursor:
        if cursor.connection.info.parameter_status("is_superuser") != "on":
            return False
        cursor.execute(f"LOCK TABLE {', '.join(map(connection.ops.quote_name, tables))}")
        checks = ", ".join(
            f"EXISTS (SELECT FROM {table}), pg_relation_size('{table}') > {MOST_BYTES}"
            for table in map(connection.ops.quote_name, others)
        )
        cursor.execute(f"SELECT {checks}")
        found = list(cursor.fetchone())
        if any(found[1::2]) or _digests(list(_kept)) != _kept:
            return False
        filled = [table for table, holds in zip(others, found[::2], strict=True) if holds]
        # No trigger runs: neither those of the foreign keys, nor those that refuse to delete what must stay.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in filled:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")
    return True
