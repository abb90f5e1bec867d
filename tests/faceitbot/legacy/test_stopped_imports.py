"""An import that is stopped anywhere is finished by running it again; two at once are refused."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from faceitbot.legacy.errors import ImportRunning
from faceitbot.legacy.one_at_a_time import only_import
from faceitbot.models import ImportRun
from tests.eventually import eventually
from tests.faceitbot.legacy.conftest import WriteFile
from tests.faceitbot.legacy.importing import AS_OF, run_import, stored_users
from users.models import User

pytestmark = pytest.mark.django_db(transaction=True)

USERS = [{"user_id": number, "faceit_player_id": f"p{number}"} for number in range(1, 31)]
OTHERS = {"but": ("id", "xmin")}


def database_url(port: str | None = None) -> str:
    at = connection.settings_dict
    password = quote(at["PASSWORD"], safe="")
    return f"postgresql://{at['USER']}:{password}@{at['HOST']}:{port or at['PORT']}/{at['NAME']}"


def child(
    how: str,
    moment: str,
    number: int,
    path: Path,
    url: str | None = None,
    *,
    part: str = "INSERT INTO users ",
    batch: int = 3,
) -> "subprocess.Popen[str]":
    """Start an import of ten batches in a process of its own, on the test's database."""
    words = [how, moment, str(number), part, str(path), "--as-of", AS_OF, "--batch-size", str(batch)]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faceitbot.legacy.stopped_import", *words],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": url or database_url()},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def lock_is_free() -> bool:
    try:
        with only_import():
            return True
    except ImportRunning:
        return False


@pytest.mark.parametrize(("moment", "number"), [("before", 1), ("after", 1), ("before", 5), ("after", 10)])
def test_a_killed_import_is_finished_by_running_it_again(write_file: WriteFile, moment: str, number: int):
    path = write_file(USERS)
    run_import(path)
    uninterrupted = stored_users(**OTHERS)
    User.objects.all().delete()

    with child("SIGKILL", moment, number, path) as killed:
        killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert User.objects.count() == 3 * (number - 1)
    # The server needs a moment to notice that the client is gone.
    eventually(lock_is_free)
    outcome = run_import(path)

    assert outcome.said.endswith(
        f"{30 - 3 * (number - 1)} created, 0 updated, {3 * (number - 1)} unchanged, 0 newer in the database, "
        f"0 refused.\n"
    )
    assert stored_users(**OTHERS) == uninterrupted
    assert list(ImportRun.objects.order_by("id").values_list("state", flat=True)) == [
        "done",
        "interrupted",
        "done",
    ]


def test_ctrl_c_ends_between_two_batches_with_130(write_file: WriteFile):
    with child("SIGINT", "after", 4, write_file(USERS)) as interrupted:
        _out, said = interrupted.communicate(timeout=60)

    assert interrupted.returncode == 130
    assert said.splitlines()[-1] == "CommandError: Interrupted; run it again to finish."
    assert User.objects.count() == 9
    run = ImportRun.objects.get()
    assert (run.state, run.counts["created"]) == ("interrupted", 9)
    assert run.finished_at is not None


def test_a_second_import_is_refused_while_one_runs_and_welcome_once_that_is_dead(write_file: WriteFile):
    path = write_file(USERS)
    with child("wait", "before", 2, path) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "waiting\n"
        before = stored_users()

        refused = run_import(path)

        assert (refused.code, refused.said) == (
            2,
            "Nothing imported: another import is at work on this database; wait until it ends.",
        )
        assert stored_users() == before
        assert ImportRun.objects.count() == 1
        running.kill()
    eventually(lock_is_free)
    assert run_import(path).code == 0
    assert User.objects.count() == 30


def test_imports_one_after_the_other_do_not_refuse_each_other():
    with only_import():
        pass
    with only_import():
        pass


def test_without_a_database_it_ends_with_3_and_one_sentence(write_file: WriteFile):
    with child("SIGKILL", "before", 1, write_file(USERS), database_url(port="1")) as lonely:
        _out, said = lonely.communicate(timeout=60)

    assert lonely.returncode == 3
    assert said.splitlines()[-1].startswith("CommandError: Stopped: the database is not available: ")
    assert "Traceback" not in said
