"""What must be true of the stored rows beyond what constraints can say: queries that must find none.

Apps register theirs when they are ready; `manage.py check_integrity` runs them all.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import connection

Finder = Callable[[], Iterable[str]]


@dataclass(frozen=True)
class Invariant:
    """One claim about the data. `find` gives a line for each row that breaks it."""

    name: str
    claim: str
    find: Finder


_invariants: dict[str, Invariant] = {}


def register(invariant: Invariant) -> None:
    """Have an invariant checked."""
    _invariants[invariant.name] = invariant


def invariants() -> list[Invariant]:
    """Give all of them, by name."""
    return sorted(_invariants.values(), key=lambda invariant: invariant.name)


def by_query(sql: str) -> Finder:
    """Give a finder whose query has one text column, a line for each row that breaks the claim."""

    def find() -> Iterable[str]:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            while rows := cursor.fetchmany(1_000):
                yield from (str(row[0]) for row in rows)

    return find
