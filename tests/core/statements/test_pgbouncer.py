"""What the documents say of PgBouncer in transaction mode: another server process with every transaction."""

import json
import re
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.database_faults import administrator, own_servers
from tests.pgbouncer import PROGRAM, pgbouncer

pytestmark = [
    pytest.mark.alone,
    pytest.mark.skipif(PROGRAM is None, reason="there is no pgbouncer on this machine"),
]
WORKER = Path(__file__).with_name("pgbouncer_worker.py")
PREPARES_SINCE = (1, 21)


@pytest.fixture(scope="module")
def environment():
    with own_servers() as variables:
        with administrator(variables) as connection:
            role, name = sql.Identifier(connection.info.user), sql.Identifier(connection.info.dbname)
            connection.execute(sql.SQL("ALTER ROLE {} SET statement_timeout = '700ms'").format(role))
            connection.execute(sql.SQL("ALTER DATABASE {} SET timezone = 'Europe/Moscow'").format(name))
        yield variables


def run(environment, url, *arguments, **more):
    return subprocess.run(
        [sys.executable, str(WORKER), *arguments],
        env={**environment, "DATABASE_URL": url, **more},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_bot_works_behind_it_as_it_does_without(environment, report):
    with pgbouncer(environment["DATABASE_URL"]) as url:
        done = run(environment, url, DATABASE_PGBOUNCER="true")

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    kind, seconds = told.pop("told")
    assert told == {
        "admitted": 2 * 10,
        "undone": ["ru"],
        "done": ["fr", "it", "ru"],
        "noon": "2026-11-23 12:00:00+00:00",
        "ways": {
            "UserRepository.get_user_with_subscription": {"pool": 5 * (20 + 200) + 1},
            "RequestMethods.consume_request": {"pool": 400},
        },
        "timeouts": ["700ms", "700ms"],
    }
    assert kind == "DatabaseUnavailable"
    assert seconds < 5
    report(f"400 requests of 2 users: 20 admitted; a long statement ended after {seconds:.1f} s")


def version():
    told = subprocess.run([str(PROGRAM), "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(map(int, re.search(r"(\d+)\.(\d+)", told).groups()))


@pytest.mark.skipif(
    PROGRAM is not None and version() >= PREPARES_SINCE, reason="it knows prepared statements"
)
def test_control_statements_that_are_prepared_fail_behind_it(environment):
    with pgbouncer(environment["DATABASE_URL"], "ignore_startup_parameters = options") as url:
        done = run(environment, url, "look", DATABASE_PGBOUNCER="false", STATEMENT_PREPARE_AFTER="1")

    assert done.returncode != 0
    assert "prepared statement" in done.stderr


def test_control_it_takes_no_times_from_the_connection(environment):
    with pgbouncer(environment["DATABASE_URL"]) as url:
        with pytest.raises(psycopg.OperationalError, match="unsupported startup parameter"):
            psycopg.connect(url, options="-c statement_timeout=5s")
