"""A PgBouncer in transaction mode before a database of a test's own."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from faceitbot.embedded import Child
from faceitbot.embedded.accounts import server_account
from faceitbot.embedded.ports import LOOPBACK, candidates
from tests.eventually import eventually

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
# Fewer connections than the clients have, so that these get another one with each transaction.
CONFIGURATION = """
[databases]
faceitbot = host={host} port={port} dbname={name} user={user} password={password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own_port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
max_client_conn = 500
default_pool_size = 3
{more}
"""


@contextmanager
def pgbouncer(database: str, more: str = "") -> Iterator[str]:
    """Run it before the database of a URL, with further lines of configuration, and give the URL of it."""
    assert PROGRAM is not None
    account, server = server_account(), urlsplit(database)
    with tempfile.TemporaryDirectory(
        prefix="faceitbot-", dir="/tmp" if os.geteuid() == 0 else None
    ) as folder:
        port = next(candidates(None))
        configuration = Path(folder) / "pgbouncer.ini"
        configuration.write_text(
            CONFIGURATION.format(
                host=server.hostname,
                port=server.port,
                name=server.path[1:],
                user=server.username,
                password=server.password,
                own_port=port,
                more=more,
            )
        )
        if account:
            shutil.chown(folder, account.uid, account.gid)
        with (Path(folder) / "log").open("wb") as log:
            child = Child([PROGRAM, configuration], account=account, cwd="/", stdout=log, stderr=log)
        try:
            url = f"postgresql://faceitbot@{LOOPBACK}:{port}/faceitbot"
            eventually(lambda: _answers(url))
            yield url
        finally:
            child.stop()


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True
