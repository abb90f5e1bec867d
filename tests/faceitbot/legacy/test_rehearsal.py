"""A dry run says what an import would do; it changes no table and locks nobody's rows."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from faceitbot.models import ImportRun
from stats.models import PlayerStatsCache
from subscriptions.models import UserSubscription
from tests.faceitbot.legacy.conftest import WriteFile
from tests.faceitbot.legacy.importing import run_import, stored_rows
from tests.factories import CardFactory, UserFactory
from users.models import User

pytestmark = pytest.mark.django_db(transaction=True)

FILE: list[Any] = [
    {"user_id": 1, "faceit_player_id": "p1", "subscription": {"tier": "pro", "referred_by": 2}},
    {"user_id": 2, "subscription": {"referral_code": "CODE"}},
    {"user_id": 3, "language": "kk", "faceit_player_id": "p3"},
    {"user_id": -4},
]
# Locks that writers take, on tables that are not temporary.
WRITERS_LOCKS = """
SELECT DISTINCT relation::regclass::text FROM pg_locks JOIN pg_class ON pg_class.oid = relation
WHERE pid = pg_backend_pid() AND mode NOT IN ('AccessShareLock') AND relpersistence <> 't'
    AND relkind = 'r' AND relnamespace = 'public'::regnamespace
"""


def summary(said: str) -> str:
    return said.splitlines()[-1].removeprefix("Dry run, nothing written: ")


def locks_of(act: Callable[[], Any]) -> tuple[Any, set[str]]:
    """Give what an act gives, and which tables it had locked for writing by its last statement."""
    locked: set[str] = set()

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if sql.startswith(("INSERT", "UPDATE", "\nINSERT", "\nUPDATE")):
            with connection.cursor() as cursor:
                cursor.cursor.execute(WRITERS_LOCKS)
                locked.update(table for (table,) in cursor.cursor.fetchall())
        return result

    with connection.execute_wrapper(watch):
        return act(), locked


def test_a_dry_run_says_what_the_import_then_does_and_writes_nothing(write_file: WriteFile):
    UserFactory(telegram_id=3, updated_at="2026-01-01T00:00Z", faceit_player_id=None)
    CardFactory(player_id="p3", user=None)
    path = write_file(FILE)
    before, cards = stored_rows(), list(PlayerStatsCache.objects.values())

    tried, locked = locks_of(lambda: run_import(path, "--dry-run"))

    assert locked == set()
    assert stored_rows() == before
    assert list(PlayerStatsCache.objects.values()) == cards
    assert not ImportRun.objects.exists()
    done = run_import(path)
    assert tried.code == done.code == 1
    assert tried.said.splitlines()[:-1] == done.said.splitlines()[:-1]
    assert summary(tried.said) == summary(done.said)
    assert summary(done.said) == (
        "4 records: 2 created, 1 updated, 0 unchanged, 0 newer in the database, 1 refused."
    )


def test_after_a_dry_run_the_tables_are_the_real_ones_again(write_file: WriteFile):
    run_import(write_file(FILE), "--dry-run")

    UserFactory(telegram_id=9)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM public.users")
        assert cursor.fetchone() == (1,)
        cursor.execute("SELECT count(*) FROM pg_class WHERE relpersistence = 't' AND relname = 'users'")
        assert cursor.fetchone() == (0,)


def test_the_same_watch_sees_the_locks_of_an_import_that_writes(write_file: WriteFile):
    _outcome, locked = locks_of(lambda: run_import(write_file(FILE)))

    assert locked >= {"users", "user_subscriptions", "grants", "referrals", "import_runs"}
    assert User.objects.count() == UserSubscription.objects.count() == 3
