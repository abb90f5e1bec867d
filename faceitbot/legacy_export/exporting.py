"""Writes all users as they are at one moment into a file, in constant memory."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import islice
from pathlib import Path
from typing import Any, TextIO, cast

from faceitbot.core.errors import Conflict
from faceitbot.core.one_moment import one_moment
from faceitbot.core.progress import Stages
from faceitbot.legacy_export.records import COLUMNS, access_of, record_of
from subscriptions.granting import database_now, grants_of
from users.models import User

USERS_AT_ONCE = 2_000


class FileExists(Conflict):
    """What is there may be the only copy of something."""

    code = "file_exists"


@dataclass
class Exported:
    """How many users were written, and how many have something that the old file has no room for."""

    users: int = 0
    erased: int = 0
    blocked: int = 0
    waiting: int = 0


def export_file(path: Path, zone: tzinfo, stages: Stages, *, force: bool = False) -> Exported:
    """Write the file; it is there whole or not at all, and only its owner may read it.

    Erased people are left out. Times are written as local ones of `zone`.
    Errors: `FileExists` unless `force` is given; `OSError`.
    """
    if path.exists() and not force:
        raise FileExists(f"{path} exists already")
    exported = Exported()
    with _whole_or_not_at_all(path) as stream, one_moment():
        exported.erased = User.objects.filter(erased_at__isnull=False).count()
        with stages("writing", User.objects.filter(erased_at__isnull=True).count()) as advance:
            _write(stream, zone, exported, advance)
    return exported


def _write(stream: TextIO, zone: tzinfo, exported: Exported, advance: Callable[[int], None]) -> None:
    now = database_now()
    stream.write('{\n "users": [')
    for row, record in _records(zone, now, exported):
        stream.write(",\n  " if exported.users else "\n  ")
        stream.write(json.dumps(record, ensure_ascii=False))
        exported.users += 1
        exported.blocked += row["blocked_at"] is not None
        advance(exported.users)
    analytics = json.dumps({"total_users": exported.users, "daily_stats": {}})
    stream.write(f'\n ],\n "analytics": {analytics}\n}}\n')


def _records(
    zone: tzinfo, now: datetime, exported: Exported
) -> Iterator[tuple[Mapping[str, Any], dict[str, object]]]:
    users = User.objects.filter(erased_at__isnull=True).order_by("telegram_id")
    found = users.values(*COLUMNS).iterator(chunk_size=USERS_AT_ONCE)
    with closing(cast("Any", found)) as rows:
        while batch := list(islice(rows, USERS_AT_ONCE)):
            grants = grants_of(row["id"] for row in batch)
            for row in batch:
                access = access_of(grants[row["id"]], now)
                exported.waiting += access.waits
                yield row, record_of(row, access, zone)


@contextmanager
def _whole_or_not_at_all(path: Path) -> Iterator[TextIO]:
    """Write beside the file, and let it appear when it is whole; what is unfinished is removed."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.unfinished")
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        error.filename = str(path)  # the name that the caller knows
        raise
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
