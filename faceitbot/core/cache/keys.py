"""The names under which values and stamps lie in Redis, and the patterns that name several of them.

A value is called `{table}:{operation}:{identifier}`. Three stamps belong to it, called
`{table}:stamp:{scope}`: of its scope (the rows that it shows), of its operation, and of its table.
Django puts the alias and a version in front; a value's version is that of its columns, so that old and new
code do not read each other's values, while they share the stamps.
"""

from functools import lru_cache
from typing import NamedTuple

from faceitbot.core.errors import InvalidInput

STAMP = "stamp"
STAMP_VERSION = 1
EVERYTHING = "*"


class Address(NamedTuple):
    """The names of one value and of its stamps, as Redis knows them."""

    value: str
    scope: str
    operation: str
    table: str

    @property
    def stamps(self) -> tuple[str, str, str]:
        """The stamps from the narrowest to the widest."""
        return self[1:]


class Key(NamedTuple):
    """A key as callers write it, or a pattern: `None` stands for its `*`."""

    table: str
    operation: str | None
    identifier: str | None


def parse_key(text: object) -> Key:
    """Read `table:operation:identifier`. Errors: `InvalidInput`."""
    parts = text.split(":", 2) if isinstance(text, str) else []
    if len(parts) != 3 or not all(parts) or any(EVERYTHING in part for part in parts[:2]):  # noqa: PLR2004 - table, operation, identifier
        raise InvalidInput(f"a key is table:operation:identifier, not {text!r}", field="key")
    return Key(*parts)


def parse_pattern(text: object) -> Key:
    """Read an exact key, `table:operation:*` or `table:*`. Errors: `InvalidInput`."""
    if isinstance(text, str) and text.count(":") == 1 and text.endswith(f":{EVERYTHING}"):
        table = text.removesuffix(f":{EVERYTHING}")
        if table and EVERYTHING not in table:
            return Key(table, None, None)
    try:
        table, operation, identifier = parse_key(text)
    except InvalidInput as error:
        raise InvalidInput(
            f"a pattern is a key, table:operation:* or table:*, not {text!r}", field="pattern"
        ) from error
    return Key(table, operation, None if identifier == EVERYTHING else identifier)


def stamp_name(alias: str, table: str, scope: str = EVERYTHING) -> str:
    """Give the name of the stamp of a scope; without one, of the whole table."""
    return f"{alias}:{STAMP_VERSION}:{table}:{STAMP}:{scope}"


def table_stamp(name: str) -> str:
    """Give the name of the table's stamp that belongs to any stamp."""
    return f"{name.partition(f':{STAMP}:')[0]}:{STAMP}:{EVERYTHING}"


def row_scope(field: str, value: str) -> str:
    """Name the rows that have this value in a look-up field."""
    return f"{field}={value}"


def operation_scope(operation: str) -> str:
    """Name everything that an operation has given."""
    return f"{operation}:{EVERYTHING}"


def call_scope(operation: str, identifier: str) -> str:
    """Name what an operation that shows no single row has given for its arguments."""
    return f"{operation}:{identifier}"


def address(alias: str, version: str, key: Key, scope: str) -> Address:
    """Give the names of a value and its stamps."""
    return Address(
        f"{alias}:{version}:{key.table}:{key.operation}:{key.identifier}",
        stamp_name(alias, key.table, scope),
        *_wide_stamps(alias, key.table, key.operation or EVERYTHING),
    )


@lru_cache(1_000)
def _wide_stamps(alias: str, table: str, operation: str) -> tuple[str, str]:
    """Name the stamps that all values of an operation share; once, for thousands of places are remembered."""
    return stamp_name(alias, table, operation_scope(operation)), stamp_name(alias, table)
