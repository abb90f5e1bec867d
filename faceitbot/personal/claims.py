"""What must be true of people who have been erased."""

from collections.abc import Iterator
from datetime import timedelta

from faceitbot.core import clock, integrity, personal
from faceitbot.core.integrity import Invariant
from faceitbot.core.personal import Columns, PersonalTable, Rows
from users.models import User

# `prune_personal_data` runs once a day; it may fail once.
SLACK = timedelta(days=2)


def erased_people_who_are_known() -> Iterator[str]:
    """Give the rows of erased people that still say who they were."""
    for table in _tables_with_owners():
        if table.cleared:
            known = table.rows_of_erased().filter(table.filled(table.cleared))
            yield from _found(table, known, table.cleared)


def erased_people_who_are_remembered_too_long() -> Iterator[str]:
    """Give the rows of erased people whose time to be forgotten is over."""
    now = clock.now() - SLACK
    for table in _tables_with_owners():
        if table.forgotten:
            due = table.due(now).filter(pk__in=table.rows_of_erased().values("pk"))
            yield from _found(table, due, table.forgotten)


def _tables_with_owners() -> list[PersonalTable]:
    """Give the tables whose rows have owners; none as long as nobody was erased, which is cheap to know."""
    if not User.objects.filter(erased_at__isnull=False).exists():
        return []
    return [table for table in personal.tables() if table.owners]


def _found(table: PersonalTable, rows: Rows, columns: Columns) -> Iterator[str]:
    for row in rows.order_by("pk").iterator():
        filled = [name for name in columns if getattr(row, name) not in (None, table.empty(name))]
        yield f"{table.name} {row.pk}: {', '.join(filled)}"


INVARIANTS = [
    Invariant(
        "erased_people_are_unknown",
        "nothing says who an erased person was",
        erased_people_who_are_known,
    ),
    Invariant(
        "erased_people_are_forgotten",
        "what is kept of an erased person for a while is forgotten in time (prune_personal_data)",
        erased_people_who_are_remembered_too_long,
    ),
]


def register() -> None:
    """Have them checked."""
    for invariant in INVARIANTS:
        integrity.register(invariant)
