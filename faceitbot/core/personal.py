"""What is held about people, column by column, and what becomes of it when somebody is erased.

Apps register their tables when they are ready. Export, erasing, forgetting and `check_integrity` walk this
registry; a test finds every column that is not in it, so whoever adds one decides what it is:

    cleared     says who he is: emptied when he is erased, and nobody fills it again
    words       what somebody wrote to him, as him or about him: replaced when he is erased
    forgotten   needed for a while: emptied for everybody, 30 days after the matter is over
    kept        is about him, and stays under the pseudonym, which is the user's UUID
    impersonal  says nothing about anybody
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, NamedTuple, cast
from uuid import UUID

from django.db.models import Case, CompositePrimaryKey, Model, Q, QuerySet, Value, When

from faceitbot.core.cache import invalidate_table
from faceitbot.core.fields import AnyField

ERASED = "(erased)"  # in place of words: constraints want some where there were some
KEPT_FOR = timedelta(days=30)

Columns = tuple[str, ...]
Rows = QuerySet[Model]


class Person(NamedTuple):
    """Somebody to whom a Telegram id belongs; without a user there may be rows that name the id."""

    telegram_id: int
    user_id: UUID | None


@dataclass(frozen=True)
class PersonalTable:
    """The columns of one table, each in its group.

    `owners` are the paths from a row to the user whom it is about, "" where the row is that user; `also`
    gives the condition on rows that are a person's by something else. `over` gives the condition on rows
    whose matter was over before a moment. With `deleted`, erasing deletes the rows.
    """

    model: type[Model]
    owners: Columns = ()
    also: Callable[[Person], Q | None] | None = None
    cleared: Columns = ()
    words: Columns = ()
    forgotten: Columns = ()
    kept: Columns = ()
    impersonal: Columns = ()
    over: Callable[[datetime], Q] | None = None
    deleted: bool = False

    @property
    def name(self) -> str:
        """The table's name."""
        return self.model._meta.db_table

    @property
    def has_many_columns_as_key(self) -> bool:
        """Whether no single value names a row."""
        return isinstance(self.model._meta.pk, CompositePrimaryKey)

    def rows(self, person: Person) -> Rows:
        """Give the rows about a person."""
        found = [Q(**{owner or "pk": person.user_id}) for owner in self.owners if person.user_id]
        also = self.also(person) if self.also else None
        return self._where([*found, also] if also else found)

    def rows_of_erased(self) -> Rows:
        """Give the rows about users who have been erased."""
        return self._where(
            Q(**{f"{owner}__erased_at__isnull" if owner else "erased_at__isnull": False})
            for owner in self.owners
        )

    def held(self, person: Person) -> list[dict[str, Any]]:
        """Give every column of the rows about a person."""
        names = [field.attname for field in self.model._meta.concrete_fields]
        return list(self.rows(person).order_by("pk").values(*names))

    def to_erase(self, person: Person) -> Rows:
        """Give the rows about a person that erasing changes."""
        if self.deleted:
            return self.rows(person)
        names = (*self.cleared, *self.words)
        return self.rows(person).filter(self.filled(names)) if names else self._where([])

    def erase(self, person: Person) -> Counter[str]:
        """Empty what erasing empties in the rows about a person; give how many rows that changed."""
        rows = self.to_erase(person)
        if self.deleted:
            changed, _by_model = rows.delete()
        else:
            values = {**self.emptied(), **{name: self._without_words(name) for name in self.words}}
            changed = rows.update(**values) if values else 0
        if changed:
            invalidate_table(self.name)
        return Counter({self.name: changed} if changed else {})

    def emptied(self) -> dict[str, Any]:
        """Give the columns that say who somebody is, each with the value of nobody."""
        return {name: self.empty(name) for name in self.cleared}

    def filled(self, names: Iterable[str]) -> Q:
        """Give the condition on rows of which one of these columns holds something."""
        return _any(self._holds_something(name) for name in names) or Q()

    def waiting(self, person: Person) -> int:
        """Count the rows about a person that hold what is to be forgotten one day."""
        return self.rows(person).filter(self.filled(self.forgotten)).count() if self.forgotten else 0

    def due(self, now: datetime) -> Rows:
        """Give the rows that hold what is to be forgotten by now."""
        if not self.forgotten or self.over is None:
            return self._where([])
        return self._where([self.over(now - KEPT_FOR) & self.filled(self.forgotten)])

    def forget(self, rows: Rows) -> int:
        """Empty what is to be forgotten in these rows; give how many there were."""
        forgotten = rows.update(**{name: self.empty(name) for name in self.forgotten})
        if forgotten:
            invalidate_table(self.name)
        return forgotten

    def empty(self, name: str) -> Any:
        """Give the value with which a column says nothing."""
        field = self.field(name)
        return None if field.null else field.get_default()  # "" for a text that has no default

    def field(self, name: str) -> AnyField:
        """Give a column of the table by its name."""
        return cast("AnyField", self.model._meta.get_field(name))

    def _where(self, conditions: Iterable[Q]) -> Rows:
        rows, condition = self.model._default_manager.all(), _any(conditions)
        return rows.none() if condition is None else rows.filter(condition)

    def _holds_something(self, name: str) -> Q:
        field = self.field(name)
        nothing = Q(**{f"{name}__isnull": True}) if field.null else Q(**{name: self.empty(name)})
        return ~(nothing | Q(**{name: ERASED})) if name in self.words else ~nothing

    def _without_words(self, name: str) -> Any:
        field, empty = self.field(name), self.empty(name)
        if not isinstance(empty, str):
            return empty
        unwritten: dict[str, Any] = {name: empty}
        return Case(When(**unwritten, then=Value(empty)), default=Value(ERASED), output_field=field)


_tables: dict[str, PersonalTable] = {}


def register(tables: Iterable[PersonalTable]) -> None:
    """Have tables exported, erased, forgotten and checked."""
    _tables.update((table.name, table) for table in tables)


def tables() -> Sequence[PersonalTable]:
    """Give all tables, by name."""
    return [_tables[name] for name in sorted(_tables)]


def erase(tables: Iterable[PersonalTable], person: Person) -> Counter[str]:
    """Erase a person in these tables; give how many rows of each that changed."""
    return sum((table.erase(person) for table in tables), Counter())


def _any(conditions: Iterable[Q]) -> Q | None:
    found = list(conditions)
    return reduce(or_, found) if found else None
