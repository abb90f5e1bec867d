"""Batches take a fixed number of statements, for one row and for a hundred thousand."""

import asyncio
import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from faceitbot.core import atomically
from tests.repositories.samples import SAMPLES, writable_repositories

MOST_STATEMENTS = 3


def counted(call, *arguments):
    """Give the call's result and its statements, the savepoint of the test's transaction left out."""
    with CaptureQueriesContext(connection) as queries:
        result = call(*arguments)
    return result, [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]


@pytest.mark.proof("batches")
@pytest.mark.django_db
@pytest.mark.parametrize("repository_class", writable_repositories(), ids=lambda found: found.__qualname__)
def test_a_batch_takes_at_most_three_statements(repository_class, full_size, report):
    repository, sample = repository_class(), SAMPLES[repository_class]
    sample.before()

    for size in (1, 1_000, 100_000) if full_size else (1, 2_000):
        started = time.monotonic()
        rows, creating = counted(
            repository.create_batch.blocking, [sample.new(number) for number in range(size)]
        )
        created = time.monotonic()
        updated, updating = counted(
            repository.update_batch.blocking, [{"id": row.pk, **sample.change} for row in rows]
        )
        changed = time.monotonic()
        deleted, deleting = counted(repository.delete_batch.blocking, [row.pk for row in rows])
        ended = time.monotonic()

        assert len(rows) == updated == deleted == size
        assert max(len(creating), len(updating), len(deleting)) <= MOST_STATEMENTS
        report(
            f"{repository_class.__name__}, {size} rows: create {len(creating)} statements in"
            f" {created - started:.1f} s, update {len(updating)} in {changed - created:.1f} s,"
            f" delete {len(deleting)} in {ended - changed:.1f} s"
        )


@pytest.mark.proof("batches")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("repository_class", writable_repositories(), ids=lambda found: found.__qualname__)
async def test_large_batches_run_side_by_side(repository_class, full_size, report):
    repository, sample = repository_class(), SAMPLES[repository_class]
    await atomically(sample.before)
    size, started = (100_000 if full_size else 1_000), time.monotonic()

    def batch(first):
        return repository.create_batch(sample.new(first + number) for number in range(size))

    batches = await asyncio.gather(batch(0), batch(size), batch(2 * size))

    report(f"{repository_class.__name__}: three batches of {size} in {time.monotonic() - started:.1f} s")
    assert [len(rows) for rows in batches] == [size] * 3
    assert await repository.count() == 3 * size
