"""Decides what becomes of one parsed record: a user row with notes, or a refusal. Pure; knows no database."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from faceitbot.core import clock
from faceitbot.core.ids import TELEGRAM_ID_MAX
from faceitbot.core.text import (
    MAX_ID_LENGTH,
    MAX_LANGUAGE_LENGTH,
    MAX_NICKNAME_LENGTH,
    remove_hostile_characters,
)
from faceitbot.legacy.dates import read_date
from faceitbot.legacy.fates import Code, Deviation, RecordRefused
from faceitbot.legacy.shown import shown
from users.imported_user import ImportedUser

DEFAULT_LANGUAGE = "ru"
# Far beyond any bot, and far enough from what the column holds to be counted on from.
MAX_COUNTER = 10**12
MAX_CLOCK_SKEW = timedelta(minutes=5)
_MAX_ID_DIGITS = len(str(TELEGRAM_ID_MAX))
_DECIMAL = re.compile(r"[0-9]+")

_USER_KEYS = frozenset(
    {
        "user_id",
        "faceit_player_id",
        "faceit_nickname",
        "last_checked_match_id",
        "waiting_for_nickname",
        "language",
        "notifications_enabled",
        "created_at",
        "last_active_at",
        "last_activity",
        "total_requests",
    }
)
# The small early bot. Telegram's names are known, and left behind on purpose: nothing here needs them.
_EARLY_KEYS = frozenset({"telegram_id", "linked_at", "username", "first_name"})
_KNOWN_KEYS = _USER_KEYS | _EARLY_KEYS | {"subscription"}


@dataclass(frozen=True, slots=True)
class DecidedRecord:
    """All that one record turns into, part by part; today it has one part."""

    user: ImportedUser
    notes: list[Deviation] = field(default_factory=list)
    has_subscription: bool = False


def decide_record(value: object, key: str | None, naive_zone: tzinfo) -> DecidedRecord:
    """Decide one record; `key` is its name in a file keyed by user id.

    Errors: `RecordRefused` when it is no object or has no usable id.
    """
    if not isinstance(value, dict):
        raise RecordRefused(Code.NOT_AN_OBJECT, f"the record is {shown(value)}, not an object")
    notes: list[Deviation] = []
    user = _User(value, notes, naive_zone).decide(key)
    return DecidedRecord(user, notes, value.get("subscription") is not None)


class _User:
    """Reads the user's columns from one object, noting what it has to change."""

    def __init__(self, values: Mapping[str, object], notes: list[Deviation], naive_zone: tzinfo) -> None:
        self._values = values
        self._notes = notes
        self._naive_zone = naive_zone

    def decide(self, key: str | None) -> ImportedUser:
        user = ImportedUser(
            telegram_id=self._telegram_id(key),
            faceit_player_id=self._text("faceit_player_id", MAX_ID_LENGTH),
            faceit_nickname=self._text("faceit_nickname", MAX_NICKNAME_LENGTH),
            last_checked_match_id=self._text("last_checked_match_id", MAX_ID_LENGTH),
            waiting_for_nickname=self._flag("waiting_for_nickname", default=False),
            language=self._text("language", MAX_LANGUAGE_LENGTH, "kept as ru") or DEFAULT_LANGUAGE,
            notifications_enabled=self._flag("notifications_enabled", default=True),
            total_requests=self._counter("total_requests"),
            created_at=self._date("created_at", "linked_at"),
            last_active_at=self._date("last_active_at", "last_activity"),
        )
        extra = sorted(self._values.keys() - _KNOWN_KEYS)
        if extra:
            self._note(Code.EXTRA_KEYS, f"unknown keys {shown(extra)}", "kept out")
        return user

    def _telegram_id(self, key: str | None) -> int:
        name = "telegram_id" if "telegram_id" in self._values and "user_id" not in self._values else "user_id"
        value = self._values.get(name)
        if value is None and key is not None:
            return _decimal(key, "the key")
        if value is None:
            raise RecordRefused(Code.ID_MISSING, f"{name} is missing")
        if isinstance(value, str) and _DECIMAL.fullmatch(value):
            telegram_id = _decimal(value, name)
            self._note(Code.ID_AS_TEXT, f"{name} {shown(value)} is text", "read as a number")
            return telegram_id
        if isinstance(value, bool) or not isinstance(value, int):
            raise RecordRefused(Code.ID_NOT_INTEGER, f"{name} {shown(value)} is not an integer")
        return _in_range(value, name)

    def _text(self, name: str, max_length: int, when_dropped: str = "field left empty") -> str | None:
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            self._note(Code.TEXT_CLEANED, f"{name} {shown(value)} is not text", when_dropped)
            return None
        text = remove_hostile_characters(value)
        if text != value:
            self._note(
                Code.TEXT_CLEANED, f"{name} {shown(value)} holds control characters", "they are removed"
            )
        if len(text) > max_length:
            what = f"{name} {shown(text)} has {len(text)} characters, at most {max_length} fit"
            self._note(Code.TEXT_TOO_LONG, what, when_dropped)
            return None
        return text or None

    def _flag(self, name: str, *, default: bool) -> bool:
        value = self._values.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            # The nearest code there is: the value is kept out as an unknown key would be.
            what = f"{name} {shown(value)} is neither true nor false"
            self._note(Code.EXTRA_KEYS, what, f"kept out, the field is {str(default).lower()}")
            return default
        return value

    def _counter(self, name: str) -> int:
        value = self._values.get(name)
        if value is None:
            return 0
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_COUNTER:
            self._note(Code.COUNTER_NEGATIVE, f"{name} {shown(value)} is not a count", "0 instead")
            return 0
        return value

    def _date(self, *names: str) -> datetime | None:
        """Give the first of the spellings that has a value."""
        for name in names:
            value = self._values.get(name)
            if value is None:
                continue
            moment = read_date(value, self._naive_zone)
            if moment is None:
                self._note(Code.DATE_UNREADABLE, f"{name} {shown(value)} is not a date", "field left empty")
            elif moment > clock.now() + MAX_CLOCK_SKEW:
                what = f"{name} {shown(value)} lies in the future"
                self._note(Code.DATE_UNREADABLE, what, "field left empty")
                return None
            return moment
        return None

    def _note(self, code: Code, what: str, outcome: str) -> None:
        self._notes.append(Deviation(code, what, f"user imported, {outcome}"))


def _decimal(text: str, name: str) -> int:
    if not _DECIMAL.fullmatch(text):
        raise RecordRefused(Code.ID_NOT_INTEGER, f"{name} {shown(text)} is not an integer")
    digits = text.lstrip("0") or "0"
    if len(digits) > _MAX_ID_DIGITS:
        raise RecordRefused(Code.ID_OUT_OF_RANGE, f"{name} {shown(text)} is not between 1 and 2^52")
    return _in_range(int(digits), name)


def _in_range(value: int, name: str) -> int:
    if not 1 <= value <= TELEGRAM_ID_MAX:
        raise RecordRefused(Code.ID_OUT_OF_RANGE, f"{name} {value} is not between 1 and 2^52")
    return value
