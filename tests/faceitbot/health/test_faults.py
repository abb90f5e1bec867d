"""Servers that are frozen, stopped, full: what the doctor says, and what the two addresses of health do."""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.database_faults import Stopped, administrator, frozen
from tests.eventually import eventually

pytestmark = [pytest.mark.alone, pytest.mark.proof("health_faults")]
ASK_THE_DATABASE = ("migrations", "pool", "clock", "database_disk", "reviews", "refunds", "jobs", "integrity")


def assert_down_by_the_database(told):
    assert told["code"] == 2
    assert told["state"] == "down"
    assert told["seconds"] < 10
    database = told["checks"]["database"]
    assert database["state"] == "down"
    assert "does not answer" in database["sentence"]
    assert database["next"] == 'pg_isready -d "$DATABASE_URL"'
    assert database["still_works"]
    assert {told["checks"][name]["state"] for name in ASK_THE_DATABASE} == {"unknown"}
    assert told["checks"]["cache"]["state"] == "fine"
    return database["since"]


def assert_back(web, doctor):
    eventually(lambda: doctor.look()["checks"]["database"]["state"] == "fine")
    assert set(web.lively) == {(200, "live")}


def test_a_frozen_database(variables, web, doctor, report):
    assert web.ask("ready") == (200, "fine")
    with frozen(variables):
        unready = web.seconds_until_ready_says(503, "down", within=12)
        told = doctor.look()
        since = assert_down_by_the_database(told)
        assert doctor.look()["checks"]["database"]["since"] == since, "Redis does not remember"
    ready = web.seconds_until_ready_says(200, "fine", within=5)

    assert_back(web, doctor)
    report(
        f"PostgreSQL frozen: 503 after {unready} s, 200 {ready} s after the thaw; doctor {told['seconds']} s"
    )


def test_a_stopped_database(variables, web, doctor, successors, report):
    server = Stopped(variables)
    try:
        unready = web.seconds_until_ready_says(503, "down", within=12)
        told = doctor.look()
    finally:
        successors.append(server.start())
    ready = web.seconds_until_ready_says(200, "fine", within=5)

    assert_down_by_the_database(told)
    assert_back(web, doctor)
    report(
        f"PostgreSQL stopped: 503 after {unready} s, 200 {ready} s after start; doctor {told['seconds']} s"
    )


@pytest.mark.parametrize("fault", ["frozen", "stopped"])
def test_a_valkey_that_fails_only_degrades(web, doctor, valkey, report, fault):
    end, bring_back = {"frozen": (valkey.freeze, valkey.thaw), "stopped": (valkey.kill, valkey.start)}[fault]
    end()
    seconds = web.seconds_until_ready_says(200, "degraded", within=5)
    told = doctor.look()
    again = doctor.look()
    bring_back()
    back = web.seconds_until_ready_says(200, "fine", within=5)

    checks = told["checks"]
    assert (told["code"], told["state"]) == (1, "degraded")
    assert told["seconds"] < 10
    assert (checks["cache"]["state"], checks["cache_memory"]["state"]) == ("down", "unknown")
    assert "does not answer" in checks["cache"]["sentence"]
    assert "money and limits need the database alone" in checks["cache"]["still_works"]
    assert checks["cache"]["next"] == 'valkey-cli -u "$REDIS_URL" ping'
    assert again["checks"]["cache"]["since"] == checks["cache"]["since"], "the database does not remember"
    assert checks["database"]["state"] == "fine"
    assert set(web.lively) == {(200, "live")}
    report(f"Valkey {fault}: degraded after {seconds} s, fine {back} s after its return")


def test_a_full_valkey(doctor, valkey):
    valkey.fill_up()

    checks = doctor.look()["checks"]

    assert checks["cache"]["state"] == "degraded"
    assert checks["cache"]["sentence"] == "Valkey is full and takes nothing new."
    assert checks["cache_memory"]["state"] == "degraded"


def test_other_methods_and_addresses(web):
    assert web.ask("ready", "HEAD")[0] == 200
    assert web.ask("live", "POST") == (405, "method not allowed")
    assert web.ask("lively")[0] in (400, 404)


@contextmanager
def small_disk(mib):
    """Give a folder of PostgreSQL's on a disk of a few MiB."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can make a small disk")
    folder = Path(tempfile.mkdtemp(prefix="faceitbot-disk-", dir="/tmp"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=777", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        folder.rmdir()
        pytest.skip("this machine lets nobody mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir()


def owner_of_the_server(connection):
    return Path(connection.execute("SHOW data_directory").fetchone()[0]).stat()


@contextmanager
def on_tablespace(variables, folder):
    """Let the whole database lie in a folder."""
    url, _slash, name = variables["DATABASE_URL"].rpartition("/")
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"

    def move(connection, space):
        def moved():
            connection.execute(end, [name])
            try:
                connection.execute(f"ALTER DATABASE {name} SET TABLESPACE {space}")
            except psycopg.errors.ObjectInUse:
                return False  # somebody was quicker
            return True

        eventually(moved)

    with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
        place = folder / "space"
        place.mkdir()
        owner = owner_of_the_server(connection)
        os.chown(place, owner.st_uid, owner.st_gid)
        connection.execute(f"CREATE TABLESPACE small LOCATION '{place}'")
        move(connection, "small")
        try:
            yield
        finally:
            move(connection, "pg_default")
            connection.execute("DROP TABLESPACE small")


def fill(folder):
    """Leave no room on a disk."""
    with (folder / "ballast").open("wb", buffering=0) as ballast:
        try:
            while ballast.write(b"\0" * 4096) == 4096:
                pass
        except OSError:
            return folder / "ballast"
    return folder / "ballast"


def is_full(told):
    return told if told["checks"]["database_disk"]["state"] == "down" else None


def test_a_full_disk(variables, web, doctor, report):
    with small_disk(64) as folder, on_tablespace(variables, folder):
        before = eventually(lambda: doctor.look()["checks"]["database_disk"])
        ballast = fill(folder)
        told = eventually(lambda: is_full(doctor.look()))  # the server may be about to notice it as well
        with administrator(variables) as connection:
            with pytest.raises(psycopg.errors.DiskFull):
                connection.execute(
                    "CREATE TABLE big AS SELECT repeat('x', 500) FROM generate_series(1, 9000)"
                )
            assert connection.execute("SELECT count(*) FROM users").fetchone() is not None
        ready = web.ask("ready")
        ballast.unlink()
        after = doctor.look()["checks"]["database_disk"]

    assert (before["state"], after["state"]) == ("fine", "fine")
    disk = told["checks"]["database_disk"]
    assert told["code"] == 1
    assert disk["sentence"] == "PostgreSQL has no room left on its disk."
    assert disk["still_works"].startswith("Reading.")
    assert ready == (200, "fine")
    report(f"disk full: the doctor says so after {told['seconds']} s; reading goes on")
