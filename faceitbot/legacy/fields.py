"""Reads the values of one object of the file, one kind of value after the other, noting what it changes."""

import re
from collections.abc import Mapping, Set
from datetime import UTC, datetime, timedelta, tzinfo

from faceitbot.core import clock
from faceitbot.core.text import remove_hostile_characters
from faceitbot.legacy.dates import read_date
from faceitbot.legacy.fates import Code, Deviation
from faceitbot.legacy.shown import shown

# Far beyond any bot, and far enough from what the column holds to be counted on from.
MAX_COUNTER = 10**12
MAX_CLOCK_SKEW = timedelta(minutes=5)
# No bot is older; what claims to be is a broken clock.
FIRST_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)
DECIMAL = re.compile(r"[0-9]+")


class Fields:
    """One object's values by name; `path` stands before the names in what is said about them."""

    def __init__(
        self, values: Mapping[str, object], notes: list[Deviation], naive_zone: tzinfo, path: str = ""
    ) -> None:
        self.values = values
        self._notes = notes
        self._naive_zone = naive_zone
        self._path = path

    def inside(self, values: Mapping[str, object], path: str) -> "Fields":
        """Give the fields of an object within this one; its notes are this one's."""
        return Fields(values, self._notes, self._naive_zone, path)

    def value(self, name: str) -> object:
        """Give a value as it stands in the file; None where there is none."""
        return self.values.get(name)

    def text(self, name: str, max_length: int, when_dropped: str = "field left empty") -> str | None:
        """Give a text that can be stored, None for an empty one."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            self.note(Code.TEXT_CLEANED, f"{name} {shown(value)} is not text", when_dropped)
            return None
        text = self.cleaned(name, value)
        if len(text) > max_length:
            what = f"{name} {shown(text)} has {len(text)} characters, at most {max_length} fit"
            self.note(Code.TEXT_TOO_LONG, what, when_dropped)
            return None
        return text or None

    def cleaned(self, name: str, value: str) -> str:
        """Give a text without the characters that no stored text may hold."""
        text = remove_hostile_characters(value)
        if text != value:
            self.note(
                Code.TEXT_CLEANED, f"{name} {shown(value)} holds control characters", "they are removed"
            )
        return text

    def flag(self, name: str, *, default: bool) -> bool:
        """Give yes or no."""
        value = self.values.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            # The nearest code there is: the value is kept out as an unknown key would be.
            what = f"{name} {shown(value)} is neither true nor false"
            self.note(Code.EXTRA_KEYS, what, f"kept out, the field is {str(default).lower()}")
            return default
        return value

    def counter(self, name: str, most: int = MAX_COUNTER) -> int:
        """Give a count, 0 for what is none."""
        value = self.values.get(name)
        if value is None:
            return 0
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            self.note(Code.COUNTER_NEGATIVE, f"{name} {shown(value)} is not a count", "0 instead")
            return 0
        return value

    def past(self, *names: str) -> datetime | None:
        """Give the first of the spellings that has a value, a moment that has been."""
        for name in names:
            if self.values.get(name) is None:
                continue
            moment = self.moment(name)
            if moment is None:
                self.note(Code.DATE_UNREADABLE, self.no_date(name), "field left empty")
            elif moment > clock.now() + MAX_CLOCK_SKEW:
                what = f"{name} {shown(self.values[name])} lies in the future"
                self.note(Code.DATE_UNREADABLE, what, "field left empty")
                return None
            return moment
        return None

    def moment(self, name: str) -> datetime | None:
        """Give a moment of any time, None for what is not a date; says nothing."""
        moment = read_date(self.values.get(name), self._naive_zone)
        return moment if moment is not None and moment >= FIRST_MOMENT else None

    def no_date(self, name: str) -> str:
        """Give what is to be said of a date that cannot be read."""
        return f"{name} {shown(self.values.get(name))} is not a date"

    def note_extra(self, known: Set[str]) -> None:
        """Say which keys nobody knows."""
        extra = sorted(self.values.keys() - known)
        if extra:
            self.note(Code.EXTRA_KEYS, f"unknown keys {shown(extra)}", "kept out")

    def note(self, code: Code, what: str, outcome: str, *, undecided: bool = False) -> None:
        """Note a deviation of the record, which comes in nevertheless."""
        self._notes.append(Deviation(code, f"{self._path}{what}", f"user imported, {outcome}", undecided))
