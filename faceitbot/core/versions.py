"""Whether a row is still what somebody saw who decides about it."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from django.db import connection
from django.db.models import Model

from faceitbot.core.errors import Conflict

_LOCK = """
SELECT pg_advisory_xact_lock(hashtextextended('staff ' || key, 0)) FROM unnest(%s::text[]) AS key
"""


class Stale(Conflict):
    """The row has changed since the form was opened; nothing was done."""

    code = "stale"


def versions_of(rows: Sequence[Model], fields: Sequence[str]) -> dict[str, str]:
    """Give the version of each row by its key, read anew, in one query.

    `fields` are the columns that a decision rests on, those of related rows by their path: what changes with
    every request of a user must not make a form old.
    """
    if not rows or not fields:
        return {}
    stored = type(rows[0])._default_manager.filter(pk__in=[row.pk for row in rows])
    return {
        str(key): hashlib.sha256(repr(values).encode()).hexdigest()[:16]
        for key, *values in stored.values_list("pk", *fields)
    }


def packed(versions: Mapping[str, str]) -> str:
    """Give versions as the one hidden field of a form."""
    return " ".join(f"{key}:{version}" for key, version in versions.items())


def unpacked(text: str) -> dict[str, str]:
    """Give back what `packed` was given; what is none of it is left out."""
    pairs = (part.rpartition(":") for part in text.split())
    return {key: version for key, _colon, version in pairs if key}


def queue_up(keys: Iterable[str]) -> None:
    """Let one form at a time act on the same things, until the transaction ends.

    A lock of its own, taken first: rows are locked by the repositories, in their order.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [sorted(set(keys))])
