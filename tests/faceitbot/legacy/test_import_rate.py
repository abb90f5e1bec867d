"""How fast an import is beside Django's own upsert, and that its memory does not grow with the file."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings

from subscriptions.models import Grant, UserSubscription
from tests.faceitbot.legacy.importing import empty_tables
from tests.faceitbot.legacy.old_bot import write_data_file
from tests.faceitbot.legacy.test_stopped_imports import database_url
from users.models import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.proof("import_rate")]

MOST_MEBIBYTES = 256
# What one more order of magnitude may cost: fluctuation of the allocator, not the records.
FLAT_MEBIBYTES = 40


@dataclass
class Measured:
    """What one run took."""

    users: int
    seconds: float
    client: float
    server: float
    mebibytes: float

    def __str__(self) -> str:
        return (
            f"{self.users} users in {self.seconds:.1f} s, {self.users / self.seconds:.0f} a second; processor"
            f" {self.client:.1f} s here, {self.server:.1f} s in the server; {self.mebibytes:.0f} MiB"
        )


def measured(how: str, path: Path, users: int) -> Measured:
    empty_tables()
    done = subprocess.run(
        [sys.executable, "-m", "tests.faceitbot.legacy.measured_import", how, str(path)],
        cwd=settings.BASE_DIR,
        # As in production: with DEBUG Django keeps the last 9 000 statements, arrays of ids among them.
        env={**os.environ, "DATABASE_URL": database_url(), "DEBUG": "false"},
        capture_output=True,
        text=True,
        check=True,
        timeout=3_600,
    )
    return Measured(users, *map(float, done.stdout.split()))


def test_memory_is_flat_and_the_rate_stands_beside_that_of_bulk_create(
    tmp_path: Path, full_size: bool, report: Callable[[str], None]
):
    small, large, rounds = (100_000, 1_000_000, 3) if full_size else (200, 2_000, 1)
    path = write_data_file(tmp_path / "small.json", small, faulty=False)
    for _ in range(rounds):
        theirs = measured("bulk_create", path, small)
        assert User.objects.count() == UserSubscription.objects.count() == small
        ours = measured("import", path, small)
        assert User.objects.count() == UserSubscription.objects.count() == small
        assert Grant.objects.count() > small * 0.15
        work = (theirs.client + theirs.server) / (ours.client + ours.server)
        report(f"bulk_create: {theirs}")
        report(f"import: {ours}; {theirs.seconds / ours.seconds:.2f} times as fast, {work:.2f} times by work")

    most = measured("import", write_data_file(tmp_path / "large.json", large, faulty=False), large)

    report(f"import: {most}")
    assert User.objects.count() == large
    assert ours.mebibytes < MOST_MEBIBYTES
    assert most.mebibytes < ours.mebibytes + FLAT_MEBIBYTES
