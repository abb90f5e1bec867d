"""The tables as they are after years, filled once for all tests of this folder, which are rolled back."""

import pytest
from django.core.management import call_command
from django.db import connection

from analytics.repositories import RollUpRepository
from tests.admin.conftest import page, staff
from tests.millions.years import FULL, SMALL, fill

__all__ = ["page", "staff"]
NOBODYS_INDEX = "sent_forms_nobodys_idx"


@pytest.fixture(scope="package", autouse=True)
def years(full_size, django_db_setup, django_db_blocker):
    """Fill the tables, and count from then on how often each index is used."""
    with django_db_blocker.unblock():
        fill(FULL if full_size else SMALL)
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE INDEX {NOBODYS_INDEX} ON sent_forms (refused, done)")
            cursor.execute("SELECT pg_stat_reset()")
        RollUpRepository().update_roll_ups.blocking()
    yield
    with django_db_blocker.unblock():
        call_command("flush", verbosity=0, interactive=False)
        with connection.cursor() as cursor:
            cursor.execute(f"DROP INDEX {NOBODYS_INDEX}")


@pytest.fixture(scope="package")
def toured():
    """The modules of this folder whose tests have begun."""
    return set()


@pytest.fixture(scope="module", autouse=True)
def _noted(request, toured):
    toured.add(request.module.__name__)


@pytest.fixture(autouse=True)
def _indexes_where_they_serve(db, full_size):
    """Make it dear to read a small table as a whole: it happens then only where no index serves."""
    if not full_size:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
