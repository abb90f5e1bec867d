"""Keeps what has been decided until the whole file has been read, on disk instead of in memory.

A temporary SQLite database does it: SQLite removes the file by itself, whatever ends the process, and its
unique keys say who came first.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Self

from faceitbot.legacy.fates import Code, Deviation, sentence
from faceitbot.legacy.mapping import DecidedRecord
from users.imported_user import ImportedUser

_CACHE_KIB = 8 * 1024
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SCHEMA = f"""
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -{_CACHE_KIB};
CREATE TABLE users (record INTEGER PRIMARY KEY, line INTEGER, {", ".join(ImportedUser._fields)},
                    UNIQUE (telegram_id), UNIQUE (faceit_player_id));
CREATE TABLE told (refused INTEGER, record INTEGER, line INTEGER, telegram_id INTEGER, code TEXT,
                   sentence TEXT);
"""
_INSERT_USER = "INSERT INTO users VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
_INSERT_TOLD = "INSERT INTO told VALUES (?, ?, ?, ?, ?, ?)"
_SELECT_USERS = "SELECT * FROM users WHERE record > ? ORDER BY record LIMIT ?"
_FIRST_WITH_ID = "SELECT record FROM users WHERE telegram_id = ?"
_FIRST_WITH_ACCOUNT = "SELECT record FROM users WHERE faceit_player_id = ?"
_NEWEST = """
SELECT max(moment) FROM (SELECT created_at AS moment FROM users UNION ALL SELECT last_active_at FROM users)
WHERE moment <= ?
"""


class Place(NamedTuple):
    """Where a record stands in the file, both from 1."""

    record: int
    line: int


@dataclass(frozen=True, slots=True)
class Told:
    """What the report says about one record: why it is refused, or what was changed in it."""

    place: Place
    telegram_id: int | None
    code: str
    sentence: str


class Decisions:
    """The decided users in the order of the file, with notes and refusals.

    Of several records with one id the first stays; so does the first owner of a FACEIT account.
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(_SCHEMA)
        self._database.execute("BEGIN")
        self.records = 0
        self.with_subscription = 0
        self.refused: Counter[str] = Counter()
        self.noted: Counter[str] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    @property
    def users(self) -> int:
        """How many records are to be imported."""
        return self.records - self.refused.total()

    def accept(self, place: Place, decided: DecidedRecord) -> None:
        """Keep a decided record, unless its id was there before."""
        self.records += 1
        user = decided.user
        if not self._insert(place, user):
            first = self._first(_FIRST_WITH_ID, user.telegram_id)
            if first is not None:
                what = f"the user stands in record {first} already"
                self._refuse(place, Deviation(Code.DUPLICATE_USER, what), user.telegram_id)
                return
            self.note(place, user.telegram_id, self._taken_by_earlier(user))
            self._insert(place, user.unlinked())
        self.with_subscription += decided.has_subscription
        for deviation in decided.notes:
            self.note(place, user.telegram_id, deviation)

    def refuse(self, place: Place, deviation: Deviation, telegram_id: int | None) -> None:
        """Keep a record out."""
        self.records += 1
        self._refuse(place, deviation, telegram_id)

    def note(self, place: Place, telegram_id: int, deviation: Deviation) -> None:
        """Say what was changed in a record that comes in."""
        self.noted[deviation.code] += 1
        self._tell(False, place, telegram_id, deviation)

    def batches(self, size: int) -> Iterator[list[tuple[Place, ImportedUser]]]:
        """Give the users in the order of the file, `size` at a time."""
        after = 0
        while batch := self._database.execute(_SELECT_USERS, (after, size)).fetchall():
            yield [(Place(record, line), _from_row(columns)) for record, line, *columns in batch]
            after = batch[-1][0]

    def refusals(self) -> Iterator[Told]:
        """Give the refused records in the order of the file."""
        return self._told(refused=True)

    def notes(self) -> Iterator[Told]:
        """Give what was changed, in the order in which it was found."""
        return self._told(refused=False)

    def newest_date(self, until: datetime) -> datetime | None:
        """Give the last sign of life of any user that is not later than `until`."""
        (newest,) = self._database.execute(_NEWEST, (_to_number(until),)).fetchone()
        return _to_moment(newest)

    def _insert(self, place: Place, user: ImportedUser) -> bool:
        return self._database.execute(_INSERT_USER, (*place, *_to_row(user))).rowcount == 1

    def _first(self, query: str, value: object) -> int | None:
        found = self._database.execute(query, (value,)).fetchone()
        return found[0] if found else None

    def _taken_by_earlier(self, user: ImportedUser) -> Deviation:
        record = self._first(_FIRST_WITH_ACCOUNT, user.faceit_player_id)
        what = f"the FACEIT account belongs to the user of record {record}"
        return Deviation(Code.FACEIT_TAKEN, what, "user imported, not linked")

    def _refuse(self, place: Place, deviation: Deviation, telegram_id: int | None) -> None:
        self.refused[deviation.code] += 1
        self._tell(True, place, telegram_id, deviation)

    def _tell(self, refused: bool, place: Place, telegram_id: int | None, deviation: Deviation) -> None:
        text = sentence(deviation, record=place.record, line=place.line, telegram_id=telegram_id)
        self._database.execute(_INSERT_TOLD, (refused, *place, telegram_id, deviation.code, text))

    def _told(self, *, refused: bool) -> Iterator[Told]:
        rows = "SELECT record, line, telegram_id, code, sentence FROM told WHERE refused = ? ORDER BY rowid"
        for record, line, telegram_id, code, text in self._database.execute(rows, (refused,)):
            yield Told(Place(record, line), telegram_id, code, text)


def _to_row(user: ImportedUser) -> tuple[object, ...]:
    """Give the columns as SQLite keeps them; it has no moments, so they are counted from 1970."""
    return (*user[:-2], _to_number(user.created_at), _to_number(user.last_active_at))


def _from_row(columns: list[Any]) -> ImportedUser:
    user = ImportedUser(*columns)
    return user._replace(
        waiting_for_nickname=bool(user.waiting_for_nickname),
        notifications_enabled=bool(user.notifications_enabled),
        created_at=_to_moment(columns[-2]),
        last_active_at=_to_moment(columns[-1]),
    )


def _to_number(moment: datetime | None) -> int | None:
    return None if moment is None else (moment - _EPOCH) // _MICROSECOND


def _to_moment(number: int | None) -> datetime | None:
    return None if number is None else _EPOCH + number * _MICROSECOND
