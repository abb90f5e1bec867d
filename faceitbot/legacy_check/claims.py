"""Who came first with an id, a FACEIT account or a code, however many there are: kept on disk.

SQLite removes its temporary file by itself, whatever ends the process.
"""

import sqlite3
from typing import Self

_CACHE_KIB = 8 * 1024
_SCHEMA = f"""
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -{_CACHE_KIB};
CREATE TABLE claims (kind TEXT, value, PRIMARY KEY (kind, value)) WITHOUT ROWID;
"""
_CLAIM = "INSERT INTO claims VALUES (?, ?) ON CONFLICT DO NOTHING"


class Claims:
    """What the records so far have taken for themselves."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(_SCHEMA)
        self._database.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def first(self, kind: str, value: int | str) -> bool:
        """Claim a value; say whether nobody had it before."""
        return self._database.execute(_CLAIM, (kind, value)).rowcount == 1
