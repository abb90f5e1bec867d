"""Keeps what has been decided until the whole file has been read, on disk instead of in memory.

A temporary SQLite database does it: SQLite removes the file by itself, whatever ends the process, and its
unique keys say who came first.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Self

from faceitbot.legacy.fates import Code, Deviation, sentence
from faceitbot.legacy.mapping import DecidedRecord
from faceitbot.legacy.rows import COLUMNS, from_row, to_moment, to_number, to_row
from subscriptions.imported_subscription import ImportedSubscription
from users.imported_user import ImportedUser

_CACHE_KIB = 8 * 1024
_SCHEMA = f"""
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -{_CACHE_KIB};
CREATE TABLE users (record INTEGER PRIMARY KEY, line INTEGER, {", ".join(COLUMNS)},
                    UNIQUE (telegram_id), UNIQUE (faceit_player_id), UNIQUE (referral_code));
CREATE TABLE told (kind TEXT, record INTEGER, line INTEGER, telegram_id INTEGER, code TEXT, sentence TEXT);
CREATE UNIQUE INDEX decided_once ON told (record) WHERE kind = 'undecided';
"""
_INSERT_USER = "INSERT INTO users VALUES (?, ?{}) ON CONFLICT DO NOTHING".format(", ?" * len(COLUMNS))
_INSERT_TOLD = "INSERT INTO told VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
_SELECT_TOLD = "SELECT record, line, telegram_id, code, sentence FROM told WHERE kind = ? ORDER BY rowid"
_SELECT_USERS = "SELECT * FROM users WHERE record > ? ORDER BY record LIMIT ?"
_SELECT_REFERRED = """
SELECT record, line, telegram_id, referred_by FROM users
WHERE record > ? AND referred_by IS NOT NULL ORDER BY record LIMIT ?
"""
_COUNT_REFERRED = "SELECT count(referred_by) FROM users"
_FIRST_WITH = "SELECT record FROM users WHERE {} = ?"
_NEWEST = """
SELECT max(moment) FROM (SELECT created_at AS moment FROM users UNION ALL SELECT last_active_at FROM users)
WHERE moment <= ?
"""
_REFUSED, _UNDECIDED, _NOTED = "refused", "undecided", "noted"


class Place(NamedTuple):
    """Where a record stands in the file, both from 1."""

    record: int
    line: int


class Decided(NamedTuple):
    """A record that is to be imported."""

    place: Place
    user: ImportedUser
    subscription: ImportedSubscription


class Referred(NamedTuple):
    """Who came by whom, both by their Telegram ids."""

    place: Place
    telegram_id: int
    referred_by: int


@dataclass(frozen=True, slots=True)
class Told:
    """What the report says about one record: why it is refused, or what was changed in it."""

    place: Place
    telegram_id: int | None
    code: str
    sentence: str


class Decisions:
    """The decided users in the order of the file, with notes and refusals.

    Of several records with one id the first stays; so does the first owner of a FACEIT account, and the first
    of a referral code.
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(_SCHEMA)
        self._database.execute("BEGIN")
        self.records = 0
        self.left_out = 0
        # Users who were asked for and stand in no record.
        self.not_found: set[int | None] = set()
        self.undecided = 0
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

    @property
    def referred_users(self) -> int:
        """How many of them say who referred them."""
        (number,) = self._database.execute(_COUNT_REFERRED).fetchone()
        return int(number)

    def accept(self, place: Place, decided: DecidedRecord) -> None:
        """Keep a decided record, unless its id was there before."""
        self.records += 1
        user, subscription = decided.user, decided.subscription
        if not self._insert(place, user, subscription):
            first = self._first("telegram_id", user.telegram_id)
            if first is not None:
                what = f"the user stands in record {first} already"
                self._refuse(place, Deviation(Code.DUPLICATE_USER, what), user.telegram_id)
                return
            user, subscription = self._without_what_is_taken(place, user, subscription)
            self._insert(place, user, subscription)
        for deviation in decided.notes:
            self.note(place, user.telegram_id, deviation)

    def refuse(self, place: Place, deviation: Deviation, telegram_id: int | None) -> None:
        """Keep a record out."""
        self.records += 1
        self._refuse(place, deviation, telegram_id)

    def leave_out(self) -> None:
        """Pass over a record that was not asked for."""
        self.left_out += 1

    def note(self, place: Place, telegram_id: int, deviation: Deviation) -> None:
        """Say what was changed in a record that comes in.

        A person decides on a record once, whatever the reasons: the second one is a note.
        """
        self.noted[deviation.code] += 1
        if deviation.undecided and self._tell(_UNDECIDED, place, telegram_id, deviation):
            self.undecided += 1
        else:
            self._tell(_NOTED, place, telegram_id, deviation)

    def batches(self, size: int) -> Iterator[list[Decided]]:
        """Give the users in the order of the file, `size` at a time."""
        after = 0
        while batch := self._database.execute(_SELECT_USERS, (after, size)).fetchall():
            yield [Decided(Place(*row[:2]), *from_row(row[2:])) for row in batch]
            after = batch[-1][0]

    def referred(self, size: int) -> Iterator[list[Referred]]:
        """Give who came by whom in the order of the file, `size` at a time."""
        after = 0
        while batch := self._database.execute(_SELECT_REFERRED, (after, size)).fetchall():
            yield [Referred(Place(record, line), *ids) for record, line, *ids in batch]
            after = batch[-1][0]

    def refusals(self) -> Iterator[Told]:
        """Give the refused records in the order of the file."""
        return self._told(_REFUSED)

    def to_decide(self) -> Iterator[Told]:
        """Give the records that came in without the access that may have been paid for."""
        return self._told(_UNDECIDED)

    def notes(self) -> Iterator[Told]:
        """Give what else was changed, in the order in which it was found."""
        return self._told(_NOTED)

    def newest_date(self, until: datetime) -> datetime | None:
        """Give the last sign of life of any user that is not later than `until`."""
        (newest,) = self._database.execute(_NEWEST, (to_number(until),)).fetchone()
        return to_moment(newest)

    def _insert(self, place: Place, user: ImportedUser, subscription: ImportedSubscription) -> bool:
        row = (*place, *to_row(user, subscription))
        return self._database.execute(_INSERT_USER, row).rowcount == 1

    def _without_what_is_taken(
        self, place: Place, user: ImportedUser, subscription: ImportedSubscription
    ) -> tuple[ImportedUser, ImportedSubscription]:
        owner = self._first("faceit_player_id", user.faceit_player_id)
        if owner is not None:
            what = f"the FACEIT account belongs to the user of record {owner}"
            deviation = Deviation(Code.FACEIT_TAKEN, what, "user imported, not linked")
            self.note(place, user.telegram_id, deviation)
            user = user.unlinked()
        owner = self._first("referral_code", subscription.referral_code)
        if owner is not None:
            what = f"the referral code belongs to the user of record {owner}"
            deviation = Deviation(Code.CODE_DUPLICATE, what, "user imported, without a code")
            self.note(place, user.telegram_id, deviation)
            subscription = subscription._replace(referral_code=None)
        return user, subscription

    def _first(self, column: str, value: object) -> int | None:
        found = self._database.execute(_FIRST_WITH.format(column), (value,)).fetchone()
        return found[0] if found else None

    def _refuse(self, place: Place, deviation: Deviation, telegram_id: int | None) -> None:
        self.refused[deviation.code] += 1
        self._tell(_REFUSED, place, telegram_id, deviation)

    def _tell(self, kind: str, place: Place, telegram_id: int | None, deviation: Deviation) -> bool:
        text = sentence(deviation, record=place.record, line=place.line, telegram_id=telegram_id)
        row = (kind, *place, telegram_id, deviation.code, text)
        return self._database.execute(_INSERT_TOLD, row).rowcount == 1

    def _told(self, kind: str) -> Iterator[Told]:
        for record, line, telegram_id, code, text in self._database.execute(_SELECT_TOLD, (kind,)):
            yield Told(Place(record, line), telegram_id, code, text)
