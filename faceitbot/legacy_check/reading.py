"""Reads the records of the old bot's file with the standard decoder, a stretch of the text at a time."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

from faceitbot.core.errors import InvalidInput
from faceitbot.legacy.fates import Code

CHARACTERS_AT_ONCE = 256 * 1024
MOST_CHARACTERS = 4 * 1024 * 1024  # of one record
MOST_LEVELS = 20
MOST_DIGITS = 100

_SPACE = re.compile(r"[ \t\r\n]*")
_PIECE = re.compile(r'[^"\[\]{}]+|"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', re.DOTALL)
_NUMERAL = re.compile("[0-9]+")


class FileUnreadable(InvalidInput):
    """The file as a whole is not the old bot's, or is cut."""

    code = "legacy_file_unreadable"


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """One record, where it stands (both from 1), and the first thing that forbids to use it."""

    number: int
    line: int
    key: str | None
    value: object
    fault: Code | None


class RecordReader:
    """Iterate over the records of a text file that can be read from its beginning.

    Errors: `FileUnreadable`.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_constant=self._constant,
            parse_int=self._integer,
            parse_float=self._float,
            strict=False,
        )
        self._faults: list[Code] = []
        self._text = ""
        self._at = 0
        self._line = 1
        self._number = 0

    def __iter__(self) -> Iterator[FoundRecord]:
        try:
            self._rewind()
            keyed = self._is_keyed()
            self._rewind()
            yield from self._top_level(keyed)
            if self._next():
                raise self._unreadable("the data ends here, but the file goes on")
        except UnicodeDecodeError as error:
            raise FileUnreadable(f"the file is not UTF-8 ({error.reason})") from None
        if not self._number:
            raise FileUnreadable("the file holds no record")

    def _is_keyed(self) -> bool:
        """Whether the members of the file are the users themselves: the first telling name says it."""
        if self._next() == "{":
            for name in self._members():
                if name == "users" or name.isdecimal():
                    return name != "users"
                self._skip()
        return False

    def _top_level(self, keyed: bool) -> Iterator[FoundRecord]:
        if self._next() == "[" or keyed:
            yield from self._records()
        elif self._next() == "{":
            for name in self._members():
                if name == "users":
                    yield from self._records()
                elif name.isdecimal():
                    yield self._record(name)
                else:
                    self._skip()
        else:
            raise self._unreadable("there is neither a list nor an object of users")

    def _records(self) -> Iterator[FoundRecord]:
        if self._next() == "[":
            for _element in self._elements():
                yield self._record(None)
        elif self._next() == "{":
            for name in self._members():
                if name == "analytics":
                    self._skip()
                else:
                    yield self._record(name)
        else:
            raise self._unreadable("there is neither a list nor an object of users")

    def _record(self, key: str | None) -> FoundRecord:
        self._next()
        self._number += 1
        line = self._line
        value, fault = self._value()
        return FoundRecord(self._number, line, key, value, fault)

    # ---- lists and objects

    def _elements(self) -> Iterator[None]:
        self._take("[")
        if self._next() == "]":
            self._move(self._at + 1)
            return
        yield
        while self._take(",]") == ",":
            yield

    def _members(self) -> Iterator[str]:
        self._take("{")
        if self._next() == "}":
            self._move(self._at + 1)
            return
        yield self._name()
        while self._take(",}") == ",":
            yield self._name()

    def _name(self) -> str:
        if self._next() != '"':
            raise self._unreadable("a name in quotes was expected")
        name, _fault = self._value()
        self._take(":")
        return str(name)

    def _take(self, wanted: str) -> str:
        found = self._next()
        if not found or found not in wanted:
            raise self._unreadable(f"{' or '.join(wanted)} was expected")
        self._move(self._at + 1)
        return found

    # ---- one value

    def _value(self) -> tuple[object, Code | None]:
        """Decode the value that comes next; what was found to forbid it comes along."""
        while True:
            self._faults.clear()
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except RecursionError:
                self._skip()
                return None, Code.JSON_TOO_DEEP
            except json.JSONDecodeError as error:
                if not self._more():
                    raise self._unreadable(f"this is not JSON ({error.msg})") from None
                continue
            # A number may go on in what has not been read yet.
            if end < len(self._text) or not self._more():
                break
        text = self._text[self._at : end]
        if text.count("[") + text.count("{") > MOST_LEVELS and _levels(text) > MOST_LEVELS:
            self._faults.insert(0, Code.JSON_TOO_DEEP)
        self._move(end)
        return value, self._faults[0] if self._faults else None

    def _object(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        members = dict(pairs)
        if len(members) != len(pairs):
            self._faults.append(Code.JSON_DUPLICATE_KEY)
        return members

    def _constant(self, _name: str) -> None:
        self._faults.append(Code.JSON_NAN)

    def _integer(self, digits: str) -> int:
        return 0 if self._is_long(digits) else int(digits)

    def _float(self, digits: str) -> float:
        if self._is_long(digits):
            return 0.0
        number = float(digits)
        if math.isinf(number):
            self._faults.append(Code.JSON_NAN)
        return number

    def _is_long(self, digits: str) -> bool:
        long = sum(map(len, _NUMERAL.findall(digits))) > MOST_DIGITS if len(digits) > MOST_DIGITS else False
        if long:
            self._faults.append(Code.JSON_NUMBER)
        return long

    def _skip(self) -> None:
        """Pass over the value that comes next, whatever its size."""
        if self._next() not in ("[", "{"):
            self._value()
            return
        depth = 0
        while True:
            found = _PIECE.match(self._text, self._at)
            if found is None:
                if not self._more():
                    raise self._unreadable("the file is cut")
                continue
            piece = found.group()
            self._move(found.end())
            depth += (piece in "[{") - (piece in "]}")
            if not depth:
                return

    # ---- the text

    def _next(self) -> str:
        """Pass over white space; give the next character, "" at the end of the file."""
        while True:
            space = _SPACE.match(self._text, self._at)
            self._move(space.end() if space else self._at)
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _move(self, to: int) -> None:
        self._line += self._text.count("\n", self._at, to)
        self._at = to

    def _more(self) -> bool:
        """Read on, twice as much as is held unused; say whether there was anything."""
        held = self._text[self._at :]
        if len(held) > MOST_CHARACTERS:
            raise self._unreadable(f"one value has more than {MOST_CHARACTERS} characters")
        read = self._file.read(max(CHARACTERS_AT_ONCE, len(held)))
        self._text, self._at = held + read, 0
        return bool(read)

    def _rewind(self) -> None:
        self._file.seek(0)
        self._text, self._at, self._line, self._number = "", 0, 1, 0

    def _unreadable(self, why: str) -> FileUnreadable:
        return FileUnreadable(f"line {self._line}: {why}", line=self._line)


def _levels(text: str) -> int:
    depth = deepest = 0
    for piece in _PIECE.findall(text):
        depth += (piece in "[{") - (piece in "]}")
        deepest = max(deepest, depth)
    return deepest
