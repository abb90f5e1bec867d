"""However often an import is killed: what it comes to is what it would have come to by itself.

Kills come at random statements of any kind, the commits among them, and the same import is begun again until
one gets through. The tables are compared by digest with those of an import that nobody disturbed.
"""

import random
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from faceitbot.models import ImportRun
from tests.eventually import eventually
from tests.faceitbot.legacy.importing import digests, empty_tables, run_import, stored_rows
from tests.faceitbot.legacy.old_bot import write_data_file
from tests.faceitbot.legacy.test_stopped_imports import child, lock_is_free

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.proof("killed_imports")]


FINISHED = (0, 1)  # all records are in, or all but those that are refused


def statements_of(path: Path, batch: int) -> int:
    """Give how many statements an import takes."""
    with child("count", "after", 0, path, part="", batch=batch) as counting:
        said, _errors = counting.communicate(timeout=600)
    return int(said.splitlines()[-1])


def kill_at(path: Path, batch: int, moment: str, statement: int) -> int:
    """Kill an import there; give what it ended with."""
    with child("SIGKILL", moment, statement, path, part="", batch=batch) as killed:
        killed.communicate(timeout=600)
    eventually(lock_is_free)
    return killed.returncode


def test_whatever_kills_an_import_running_it_again_comes_to_the_same(
    tmp_path: Path, full_size: bool, report: Callable[[str], None]
):
    number, kills, batch = (100_000, 20, 2_000) if full_size else (300, 3, 50)
    path = write_data_file(tmp_path / "data.json", number)
    statements = statements_of(path, batch)
    undisturbed = digests()
    dice = random.Random()  # seeded by the system; the places are printed
    empty_tables()

    for _ in range(kills):
        moment, statement = dice.choice(["before", "after"]), dice.randrange(1, statements + 1)
        assert kill_at(path, batch, moment, statement) == -signal.SIGKILL
        here = digests()
        report(f"killed {moment} statement {statement} of {statements}: {here['users'][0]} users are in")
        # The next one dies where this one left off, or the import gets through and all begins anew.
        if dice.random() < 0.5:
            assert kill_at(path, batch, "before", dice.randrange(1, statements // 2)) == -signal.SIGKILL
        assert run_import(path, "--batch-size", str(batch)).code in FINISHED
        assert digests() == undisturbed
        empty_tables()

    assert run_import(path, "--batch-size", str(batch)).code in FINISHED
    assert digests() == undisturbed
    assert undisturbed["users"][0] > number * 0.99
    before = stored_rows()
    runs = ImportRun.objects.count()
    assert run_import(path, "--batch-size", str(batch)).code in FINISHED
    assert stored_rows() == before
    assert ImportRun.objects.count() == runs + 1
