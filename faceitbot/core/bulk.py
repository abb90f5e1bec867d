"""Writes over many rows in a fixed number of statements, whatever their number.

Values travel as one array for each column: the text of the statement does not grow with the rows, and
PostgreSQL plans it once. Rows are locked in the order of their keys before they are changed, so two batches
over the same rows wait for each other instead of deadlocking.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from django.db import connection, models

from faceitbot.core.cache import invalidate_table
from faceitbot.core.errors import Conflict
from faceitbot.core.fields import AnyField

Changes = Sequence[tuple[UUID, Mapping[str, Any]]]


def update_rows(model: type[models.Model], changes: Changes, common: Mapping[str, Any]) -> int:
    """Write each row's own values and the `common` ones; give the number of rows found.

    The rows need not change the same columns.
    """
    names = sorted({name for _key, values in changes for name in values})
    keys = [key for key, _values in changes]
    _lock(model, keys)
    columns, casts = ["key"], [_array_type(_pk(model))]
    parameters: list[Any] = [keys]
    assignments = [f"{_column(_field(model, name))} = %s" for name in common]
    for number, name in enumerate(names):
        field = _field(model, name)
        column, value, given = _column(field), f"value_{number}", f"given_{number}"
        columns += [value, given]
        casts += [_array_type(field), "boolean[]"]
        parameters.append([_prepared(field, values.get(name)) for _key, values in changes])
        parameters.append([name in values for _key, values in changes])
        assignments.append(f"{column} = CASE WHEN new.{given} THEN new.{value} ELSE old.{column} END")
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_table(model)} AS old SET {', '.join(assignments)}"
            f" FROM unnest({', '.join(f'%s::{cast}' for cast in casts)}) AS new ({', '.join(columns)})"
            f" WHERE old.{_column(_pk(model))} = new.key",
            [*(_prepared(_field(model, name), value) for name, value in common.items()), *parameters],
        )
        return int(cursor.rowcount)


def delete_rows(model: type[models.Model], keys: Sequence[UUID]) -> int:
    """Delete the rows and what goes with them; give the number of rows deleted.

    Errors: `Conflict` that names the tables whose rows forbid it; nothing is deleted then.
    """
    condition = f"{_column(_pk(model))} = ANY(%(keys)s)"
    protecting: list[str] = []
    dependents: list[str] = []
    tables: set[str] = set()
    _collect(model, condition, protecting, dependents, tables)
    _lock(model, keys, protecting)
    parts = ", ".join(f"part_{number} AS ({sql})" for number, sql in enumerate(dependents))
    with connection.cursor() as cursor:
        cursor.execute(
            f"{f'WITH {parts} ' if parts else ''}DELETE FROM {_table(model)} WHERE {condition}",
            {"keys": list(keys)},
        )
        deleted = int(cursor.rowcount)
    if deleted:
        # Whose rows went along, or point to nothing now, has no repository here to say so.
        for table in tables:
            invalidate_table(table)
    return deleted


def join_by_index() -> None:
    """Let this transaction find the rows that belong to a batch by their index, one by one.

    The planner likes to read a whole table for a batch that is a small part of it. Then each batch of an
    import costs more than the one before.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_hashjoin = off")
        cursor.execute("SET LOCAL enable_mergejoin = off")


def _lock(model: type[models.Model], keys: Sequence[UUID], protecting: Sequence[str] = ()) -> None:
    """Lock the rows in the order of their keys, and refuse when a protecting row is found.

    A protecting row that another transaction commits meanwhile is found by its foreign key.
    """
    key = _column(_pk(model))
    strength = "UPDATE" if protecting else "NO KEY UPDATE"
    found = "".join(f", ({sql})" for sql in protecting)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH locked AS (SELECT {key} FROM {_table(model)} WHERE {key} = ANY(%(keys)s)"
            f" ORDER BY {key} FOR {strength}) SELECT count(*){found} FROM locked",
            {"keys": list(keys)},
        )
        tables = [name for name in cursor.fetchone()[1:] if name]
    if tables:
        raise Conflict(f"{model._meta.db_table}: rows of {', '.join(tables)} depend on it", tables=tables)


def _collect(
    model: type[models.Model],
    condition: str,
    protecting: list[str],
    dependents: list[str],
    tables: set[str],
) -> None:
    """Walk the foreign keys that point here, and obey each one's `on_delete`."""
    for relation in model._meta.related_objects:
        field, child = relation.field, relation.related_model
        column, table = _column(field), _table(child)
        parents = f"SELECT {_column(field.target_field)} FROM {_table(model)} WHERE {condition}"
        below = f"{column} IN ({parents})"
        if relation.on_delete in (models.PROTECT, models.RESTRICT):
            name = child._meta.db_table
            protecting.append(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {table} WHERE {below})")
        elif relation.on_delete is models.SET_NULL:
            tables.add(child._meta.db_table)
            dependents.append(f"UPDATE {table} SET {column} = NULL WHERE {below}")
        elif relation.on_delete is models.CASCADE:
            tables.add(child._meta.db_table)
            _collect(child, below, protecting, dependents, tables)
            dependents.append(f"DELETE FROM {table} WHERE {below}")


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _pk(model: type[models.Model]) -> AnyField:
    return model._meta.pk


def _column(field: AnyField) -> str:
    return connection.ops.quote_name(cast("str", field.column))


def _field(model: type[models.Model], name: str) -> AnyField:
    field = model._meta.get_field(name)
    assert isinstance(field, models.Field)  # noqa: S101 - the caller has checked the names; tells mypy
    return field


def _array_type(field: AnyField) -> str:
    return f"{field.db_type(connection)}[]"


def _prepared(field: AnyField, value: Any) -> Any:
    return field.get_db_prep_save(value, connection)
