"""Lets an import run without writing: its tables are covered by temporary ones of the same names.

PostgreSQL looks for a table among the temporary ones first. So the same statements do the same work, on
copies that nobody else sees or waits for.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, models, transaction

from faceitbot.core.attempts import Plan, run
from faceitbot.models import ImportRefusal, ImportRun, UndecidedAccess
from stats.models import PlayerStatsCache
from subscriptions.models import Grant, Referral, UserSubscription
from users.models import User

COPY_SECONDS = 600.0
# All that an import, and whoever hears of it, writes: with their rows, and the history without.
COPIED: tuple[type[models.Model], ...] = (User, UserSubscription, Grant, Referral, PlayerStatsCache)
EMPTY: tuple[type[models.Model], ...] = (ImportRun, ImportRefusal, UndecidedAccess)


@contextmanager
def rehearsed() -> Iterator[None]:
    """Keep from the database what is written within the block.

    It is one transaction that locks nothing of anybody's, and leaves nothing behind. That also keeps a body
    from going on after a lost connection, where the copies are lost, too.
    """
    with transaction.atomic():
        run(_cover, Plan("rehearse_import", budget_seconds=COPY_SECONDS))
        yield
        transaction.set_rollback(True)


def _cover() -> None:
    with connection.cursor() as cursor:
        for model in (*COPIED, *EMPTY):
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(
                f"CREATE TEMPORARY TABLE {table} (LIKE public.{table} INCLUDING ALL) ON COMMIT DROP"
            )
            if model in COPIED:
                cursor.execute(f"INSERT INTO pg_temp.{table} TABLE public.{table}")
                cursor.execute(f"ANALYZE pg_temp.{table}")
