"""What must be true of the stored rows beyond what constraints can say: queries that must find none.

Apps register theirs when they are ready; `manage.py check_integrity` runs them all.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from django.db import connection

from faceitbot.core.attempts import Plan, run

Finder = Callable[[], Iterable[str]]
SECONDS_FOR_A_CLAIM = 1800.0


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


def scan() -> Iterator[tuple[Invariant, list[str]]]:
    """Check all claims, one after the other; give each with the lines of the rows that break it.

    Errors: `DatabaseUnavailable`.
    """
    for invariant in invariants():
        plan = Plan(f"integrity.{invariant.name}", budget_seconds=SECONDS_FOR_A_CLAIM)
        yield invariant, run(partial(_found, invariant), plan)


def _found(invariant: Invariant) -> list[str]:
    return list(invariant.find())


def by_query(sql: str) -> Finder:
    """Give a finder whose query has one text column, a line for each row that breaks the claim."""

    def find() -> Iterable[str]:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            while rows := cursor.fetchmany(1_000):
                yield from (str(row[0]) for row in rows)

    return find
