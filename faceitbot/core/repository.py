"""What every repository can do with the rows of its model."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from django.db.models import Count, F, Model, OneToOneRel, Q, QuerySet
from django.db.models.expressions import OrderBy

from faceitbot.core import bulk, clock
from faceitbot.core.cache import Caching, cache_row
from faceitbot.core.errors import InvalidInput, UnknownField
from faceitbot.core.filters import Filters, build_filter, known_field
from faceitbot.core.ids import row_id
from faceitbot.core.rows import checked_values, read_values
from faceitbot.core.statements import one_row
from faceitbot.core.transactions import prepared_transaction, query, transactional
from faceitbot.core.values import listed, whole

M = TypeVar("M", bound=Model)

MAX_LIMIT = 1000
MAX_SKIP = 10_000_000
BATCH_SECONDS = 120.0


class BaseRepository(Caching, Generic[M]):
    """CRUD, filters and batches over one model with a UUID key; subclasses add the domain's verbs.

    Rows come back detached from the repository, with every column of their own loaded. Absence is None, an
    empty list, False or 0; everything else that goes wrong raises one class of `faceitbot.core.errors`.
    Every method is a coroutine with a synchronous twin (`faceitbot.core.transactions`).
    """

    model: type[M]
    # The column that says how new a row is.
    newest: ClassVar[str] = "created_at"
    # Columns that filters and orders may name: all but JSON.
    fields: ClassVar[frozenset[str]]
    # Columns that `create` may write, those that it must get, and those that `update` may change. What a
    # rule of the domain owns (counters, states) is in none of them.
    creatable: ClassVar[frozenset[str]] = frozenset()
    required: ClassVar[frozenset[str]] = frozenset()
    updatable: ClassVar[frozenset[str]] = frozenset()
    # Relations that `get_with_relationships` may load.
    relationships: ClassVar[frozenset[str]] = frozenset()

    # ---- One row

    @cache_row(by="id", clean=row_id)
    @one_row(by="id", key=row_id)
    @query
    def get_by_id(self, id: UUID) -> M | None:
        """Give the row with this key, or None.

        Cached: yes, where the repository has a `cache_alias`.
        """
        return self._rows().filter(pk=row_id(id)).first()

    @query
    def exists(self, id: UUID) -> bool:
        """Say whether a row has this key."""
        return self._rows().filter(pk=row_id(id)).exists()

    @query
    def find_one(
        self, filters: Filters | None, order_by: str | None = None, order_desc: bool = False
    ) -> M | None:
        """Give the first row that the filters let through, newest first unless ordered otherwise."""
        return self._ordered(self._filtered(filters), order_by, order_desc).first()

    @query
    def get_with_relationships(self, id: UUID, relationships: Sequence[str]) -> M | None:
        """Give the row with the named relations loaded, in one query plus one for each list.

        Errors: `UnknownField` for a relation that this repository does not offer.
        """
        rows = self._rows()
        for name in listed("relationships", relationships):
            if not isinstance(name, str) or name not in self.relationships:
                raise UnknownField(f"{self.model.__name__} has no relation {name!r} here", field=str(name))
            relation = self.model._meta.get_field(name)
            single = relation.many_to_one or isinstance(relation, OneToOneRel) or relation.one_to_one
            rows = rows.select_related(name) if single else rows.prefetch_related(name)
        return rows.filter(pk=row_id(id)).first()

    # ---- Many rows

    @query
    def get_all(
        self,
        skip: int = 0,
        limit: int = 100,
        order_by: str | None = None,
        order_desc: bool = False,
        filters: Filters | None = None,
    ) -> list[M]:
        """Give a page of rows, newest first unless ordered otherwise; the key breaks ties.

        Errors: `InvalidInput` unless skip >= 0 and 1 <= limit <= 1000.
        """
        rows = self._ordered(self._filtered(filters), order_by, order_desc)
        return list(rows[page(skip, limit)])

    @query
    def get_values(
        self,
        fields: Sequence[str],
        skip: int = 0,
        limit: int = 100,
        order_by: str | None = None,
        order_desc: bool = False,
        filters: Filters | None = None,
    ) -> list[dict[str, Any]]:
        """Give a page of dicts that hold the named columns only; no other column is read."""
        columns = {field.attname for field in self.model._meta.concrete_fields}
        names = listed("fields", fields)
        for name in names:
            known_field(self.model, columns, name)
        if not names:
            raise InvalidInput("fields must name at least one field", field="fields")
        rows = self._ordered(self._filtered(filters), order_by, order_desc)
        return list(rows.values(*names)[page(skip, limit)])

    @query
    def find_by_field(self, field: str, value: Any, limit: int = 100) -> list[M]:
        """Give the rows whose field equals the value, newest first."""
        return list(self._ordered(self._filtered({field: {"eq": value}}))[page(0, limit)])

    @query
    def count(self, filters: Filters | None = None) -> int:
        """Count the rows that the filters let through, exactly."""
        return self._filtered(filters).count()

    @query
    def get_stats(self) -> dict[str, Any]:
        """Give {total_records, table_name, recent_records}; recent means the last 24 hours."""
        since = clock.now() - timedelta(hours=24)
        counts = self._rows().aggregate(
            total=Count("pk"), recent=Count("pk", filter=Q(**{f"{self.newest}__gte": since}))
        )
        return {
            "total_records": counts["total"],
            "table_name": self.model._meta.db_table,
            "recent_records": counts["recent"],
        }

    # ---- Writing

    @transactional()
    def create(self, obj_in: object) -> M:
        """Add a row from a mapping, a dataclass, or anything with `model_dump()`.

        Errors: `UnknownField`, `InvalidInput` that names the field, `Conflict` that names the taken field.
        """
        row = self._new(obj_in)
        row.save(force_insert=True)
        self._written(self._scopes(row))
        self._created([row])
        return row

    @transactional()
    def update(self, id: UUID, obj_in: object) -> M | None:
        """Change the given columns of a row; None when there is no such row.

        Errors: as `create`.
        """
        values = self._completed(checked_values(self.model, self.updatable, read_values(obj_in)))
        row = self._rows().select_for_update(no_key=True).filter(pk=row_id(id)).first()
        if row is None or not values:
            return row
        return self._change(row, values)

    @transactional()
    def delete(self, id: UUID) -> bool:
        """Delete a row and what goes with it; False when there is no such row.

        Errors: `Conflict` when rows that must be kept depend on it.
        """
        row = self._rows().select_for_update().filter(pk=row_id(id)).first()
        if row is None:
            return False
        self._written(self._scopes(row))
        return bulk.delete_rows(self.model, [row.pk]) == 1

    @prepared_transaction(budget_seconds=BATCH_SECONDS)
    def create_batch(self, objects: Iterable[object]) -> Callable[[], list[M]]:
        """Add all the rows or none, in the order given; a fixed number of statements.

        Errors: as `create`.
        """
        rows = [self._new(obj_in) for obj_in in listed("objects", objects)]

        def body() -> list[M]:
            if rows:
                self._rows().bulk_create(rows)
                self._written_many()
                self._created(rows)
            return rows

        return body

    @prepared_transaction(budget_seconds=BATCH_SECONDS)
    def update_batch(self, updates: Iterable[Mapping[str, Any]]) -> Callable[[], int]:
        """Change many rows, each given as {"id": ..., field: value, ...}; give how many of them there are.

        All or nothing, a fixed number of statements. A row without a change is not counted.
        Errors: as `create`; `InvalidInput` for an id that appears twice.
        """
        changes: dict[UUID, dict[str, Any]] = {}
        for update in listed("updates", updates):
            values = read_values(update)
            key = row_id(values.pop("id", None))
            if key in changes:
                raise InvalidInput(f"id {key} appears twice", field="id")
            changes[key] = self._completed(checked_values(self.model, self.updatable, values))
        changing = [(key, values) for key, values in changes.items() if values]

        def body() -> int:
            found = bulk.update_rows(self.model, changing, self._touched()) if changing else 0
            if found:
                self._written_many()
                self._updated(changing)
            return found

        return body

    @prepared_transaction(budget_seconds=BATCH_SECONDS)
    def delete_batch(self, ids: Iterable[UUID]) -> Callable[[], int]:
        """Delete many rows and what goes with them, all or nothing; give how many there were.

        Errors: `Conflict` when rows that must be kept depend on any of them.
        """
        keys = list({row_id(key) for key in listed("ids", ids)})

        def body() -> int:
            found = bulk.delete_rows(self.model, keys) if keys else 0
            if found:
                self._written_many()
            return found

        return body

    # ---- For subclasses

    def _change(self, row: M, values: Mapping[str, Any]) -> M:
        """Set columns of a locked row, and write them."""
        changes = {**values, **self._touched()}
        scopes = self._scopes(row)
        for name, value in changes.items():
            setattr(row, name, value)
        row.save(update_fields=[*changes])
        self._written(scopes | self._scopes(row))
        self._updated([(row.pk, values)])
        return row

    def _created(self, rows: Sequence[M]) -> None:
        """Do what belongs to new rows, in their transaction."""

    def _updated(self, changes: Sequence[tuple[UUID, Mapping[str, Any]]]) -> None:
        """Do what belongs to changed rows, given as (id, values), in their transaction."""

    def _completed(self, values: dict[str, Any]) -> dict[str, Any]:
        """Add what a rule of the domain changes together with these values."""
        return values

    def _rows(self) -> QuerySet[M]:
        return self.model._default_manager.all()

    def _filtered(self, filters: Filters | None) -> QuerySet[M]:
        return self._rows().filter(build_filter(self.model, self.fields, filters))

    def _ordered(
        self, rows: QuerySet[M], order_by: str | None = None, order_desc: bool = False
    ) -> QuerySet[M]:
        if order_by is None:
            return rows.order_by(f"-{self.newest}", "pk")
        field = known_field(self.model, self.fields, order_by)
        nulls_last = True if field.null else None
        direction = OrderBy(F(order_by), descending=order_desc, nulls_last=nulls_last)
        return rows.order_by(direction, "pk")

    def _new(self, obj_in: object) -> M:
        values = checked_values(self.model, self.creatable, read_values(obj_in))
        for name in self.required:
            if values.get(name) is None:
                raise InvalidInput(f"{name} of {self.model.__name__} is missing", field=name)
        return self.model(**values)

    def _touched(self) -> dict[str, Any]:
        """Give the columns that every change sets."""
        return {"updated_at": clock.now()}


def page(skip: object, limit: object) -> slice:
    """Give the slice of a page.

    Errors: `InvalidInput` unless skip >= 0 and 1 <= limit <= 1000.
    """
    first = whole("skip", skip, 0, MAX_SKIP)
    return slice(first, first + whole("limit", limit, 1, MAX_LIMIT))
