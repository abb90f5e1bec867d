"""The drills of docs/operations.md, by its own commands: read-only, replica, secrets.

They need servers of their own: `python3 dev.py prove drills`.
"""

import json
import shutil
import signal
import subprocess
import tempfile
import time
from typing import Any

import psycopg
import pytest

from faceitbot.embedded.accounts import server_account
from tests.eventually import eventually
from tests.faceitbot.operations.production import ROLE, blocks, production, programs
from tests.startup.conftest import free_port

pytestmark = [pytest.mark.proof("drills"), pytest.mark.alone]
STANDBY = ["-clisten_addresses=127.0.0.1", "-cunix_socket_directories=", "-cmax_connections=200"]
REGISTER = """
from faceitbot.core.errors import Unavailable
from users.repositories import UserRepository
try:
    print(UserRepository().create_user.blocking({number}).telegram_id)
except Unavailable as error:
    print(error.code)
"""
COUNT = "from users.models import User\nprint(User.objects.count())"


@pytest.fixture(scope="module")
def there(full_size):
    """An installation."""
    if not full_size:
        pytest.skip("needs servers of its own; python3 dev.py prove drills")
    with production() as made:
        yield made


def doctor(there, **more):
    told = json.loads(there.run("python manage.py doctor --json", check=False, **more).stdout)
    return {check["name"]: check for check in told["checks"]}


def unknown(checks):
    return {name for name, check in checks.items() if check["state"] == "unknown"}


def register(there, number, **more):
    return there.python(REGISTER.format(number=number), **more)


def test_read_only(there, report):
    close, open_again = (block.replace("faceitbot", ROLE) for block in blocks("Read-only"))
    assert register(there, 7) == "7"
    before = int(there.python(COUNT))

    began = time.monotonic()
    there.run(close)
    seconds = time.monotonic() - began
    assert register(there, 8) == "read_only"
    assert int(there.python(COUNT)) == before
    checks = doctor(there)
    assert checks["database"]["state"] == "degraded"
    assert checks["database"]["sentence"].endswith("lets nobody write.")
    assert unknown(checks) == {"database_disk"}
    began = time.monotonic()
    there.run(open_again)

    report(f"read-only after {seconds:.1f} s, open again after {time.monotonic() - began:.1f} s")
    assert register(there, 8) == "8"
    assert doctor(there)["database"]["state"] == "fine"


def test_a_replica_takes_over(there, report):
    register(there, 70)
    before = there.python(COUNT)
    account, port = server_account(), free_port()
    owner: dict[str, Any] = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
    with tempfile.TemporaryDirectory(prefix="faceitbot-replica-", dir="/tmp") as folder:
        if account:
            shutil.chown(folder, account.uid, account.gid)
        data = f"{folder}/data"
        began = time.monotonic()
        copied = subprocess.run(
            [programs() / "pg_basebackup", "--checkpoint=fast", "-R", "-D", data, "-d", there.administrator],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            **owner,
        )
        assert copied.returncode == 0, copied.stderr
        base = time.monotonic() - began
        server = subprocess.Popen(
            [programs() / "postgres", "-D", data, "-p", str(port), *STANDBY],
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **owner,
        )
        try:
            there_port = there.administrator.rpartition(":")[2].partition("/")[0]
            replica, administrator = (
                url.replace(f":{there_port}/", f":{port}/")
                for url in (there.variables["DATABASE_URL"], there.administrator)
            )
            eventually(lambda: answers(administrator), within=30)
            register(there, 71)
            eventually(lambda: int(there.python(COUNT, DATABASE_URL=replica)) == int(before) + 1, within=20)
            checks = doctor(there, DATABASE_URL=replica)
            assert checks["database"]["state"] == "degraded"
            assert unknown(checks) == {"database_disk"}
            assert register(there, 72, DATABASE_URL=replica) == "read_only"

            began = time.monotonic()
            with psycopg.connect(administrator, autocommit=True) as connection:
                connection.execute("SELECT pg_promote()")
            assert register(there, 72, DATABASE_URL=replica) == "72"
            promoted = time.monotonic() - began
            assert doctor(there, DATABASE_URL=replica)["database"]["state"] == "fine"
            there.run("python manage.py check_integrity", DATABASE_URL=replica)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)
    report(f"replica: base backup {base:.1f} s; promoted, and the first user written, after {promoted:.1f} s")


def answers(url):
    try:
        with psycopg.connect(url, connect_timeout=2) as connection:
            return connection.execute("SELECT pg_is_in_recovery()").fetchone()[0]
    except psycopg.OperationalError:
        return False


SIGN_IN = """
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
account, _made = User.objects.get_or_create(username="boss", is_staff=True, is_superuser=True)
client = Client()
client.force_login(account)
print(client.cookies[settings.SESSION_COOKIE_NAME].value)
"""
LOOK = """
from django.conf import settings
from django.test import Client
client = Client(SERVER_NAME="127.0.0.1")
client.cookies[settings.SESSION_COOKIE_NAME] = "{session}"
print(client.get("/admin/").status_code)
"""
OLD, NEW = "former secret key " * 4, "present secret key " * 4


@pytest.mark.parametrize(("fallbacks", "status"), [("", "302"), (OLD, "200")], ids=["alone", "fallback"])
def test_a_new_secret_key_signs_staff_out_unless_the_former_one_is_kept(there, fallbacks, status):
    web = {"STAFF_TOTP": "false", "STATIC_ROOT": "", "DEBUG": "true"}
    session = there.python(SIGN_IN, SECRET_KEY=OLD, **web)
    look = LOOK.format(session=session)
    assert there.python(look, SECRET_KEY=OLD, **web) == "200"

    assert there.python(look, SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=fallbacks, **web) == status


def test_the_password_of_postgresql(there, report):
    new, url = "another password", there.variables["DATABASE_URL"]
    changed = url.replace(url.partition("//")[2].partition(":")[2].partition("@")[0], new.replace(" ", "%20"))
    with psycopg.connect(url, autocommit=True) as connection:
        there.run(f'psql "$DATABASE_URL" -c "ALTER ROLE {ROLE} PASSWORD \'{new}\'"')
        assert connection.execute("SELECT 1").fetchone() == (1,), "open connections go on"
    assert doctor(there)["database"]["state"] == "down"
    assert doctor(there, DATABASE_URL=changed)["database"]["state"] == "fine"
    old = url.partition("//")[2].partition(":")[2].partition("@")[0]
    there.run(f'psql "$DATABASE_URL" -c "ALTER ROLE {ROLE} PASSWORD \'{old}\'"', DATABASE_URL=changed)


def test_the_password_of_valkey(there):
    url = there.variables["REDIS_URL"]
    old = url.partition("//")[2].rpartition("@")[0].rpartition(":")[2]
    changed = url.replace(old, "another")
    ask = "import os, redis\nredis.Redis.from_url(os.environ['REDIS_URL']).config_set('requirepass', '{}')"
    there.python(ask.format("another"))

    assert register(there, 90) == "90", "slower, not wrong"
    assert doctor(there)["cache"]["state"] == "down"
    assert doctor(there, REDIS_URL=changed)["cache"]["state"] == "fine"
    there.python(ask.format(old), REDIS_URL=changed)
    assert doctor(there)["cache"]["state"] == "fine"
