"""Room to write: on the disk of this machine, and where the database writes."""

import shutil

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from faceitbot.core.errors import DatabaseUnavailable
from faceitbot.core.health.checks import Check, Finding, Needs, State, spoken
from faceitbot.core.health.database import reading

_GIB = 1024**3
LITTLE_PERCENT, LITTLE_BYTES = 10, 5 * _GIB  # whichever is less
HARDLY_ANY_PERCENT, HARDLY_ANY_BYTES = 2, _GIB // 2

# A quarter of a MiB: a table's first pages have to be found on the disk.
_WRITE = """
CREATE TEMPORARY TABLE room_to_write ON COMMIT DROP AS
SELECT repeat(md5(number::text), 30) AS filling FROM generate_series(1, 250) AS number
"""
_SIZE = "SELECT pg_database_size(current_database())"


def _of_this_machine() -> Finding:
    total, _used, free = shutil.disk_usage(settings.BASE_DIR)
    values = {"free": _gib(free), "total": _gib(total)}
    text = spoken(lambda: _("%(free)s of %(total)s GiB are free on this machine.") % values)
    if free < min(total * HARDLY_ANY_PERCENT / 100, HARDLY_ANY_BYTES):
        return Finding(State.DOWN, text)
    return Finding(
        State.DEGRADED if free < min(total * LITTLE_PERCENT / 100, LITTLE_BYTES) else State.FINE, text
    )


def _of_the_database() -> Finding:
    try:
        size = reading("disk", _write)
    except DatabaseUnavailable as error:
        if error.code == "read_only":
            text = spoken(lambda: _("PostgreSQL lets nobody write: what room it has is not known."))
            return Finding(State.UNKNOWN, text)
        if error.code != "disk_full":
            raise
        return Finding(State.DOWN, spoken(lambda: _("PostgreSQL has no room left on its disk.")))
    values = {"size": _gib(size)}
    return Finding(
        State.FINE, spoken(lambda: _("The database takes %(size)s GiB, and has room to write.") % values)
    )


def _write() -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_WRITE)
        cursor.execute(_SIZE)
        size: int = cursor.fetchone()[0]
        transaction.set_rollback(True)
    return size


def _gib(size: float) -> str:
    return f"{size / _GIB:.1f}"


CHECKS = (
    Check(
        "disk",
        gettext_lazy("Disk of this machine"),
        _of_this_machine,
        gettext_lazy("Everything, until it is full: then logs and, if it lies here, the database stop."),
        "du -xh --max-depth=2 / | sort -h | tail",
        light=False,
    ),
    Check(
        "database_disk",
        gettext_lazy("Disk of the database"),
        _of_the_database,
        gettext_lazy(
            "Reading. Whatever writes fails at once; lost payments come back with the list of Stars."
        ),
        "python manage.py run_jobs --once prune_metrics",
        Needs.DATABASE,
        light=False,
    ),
)
