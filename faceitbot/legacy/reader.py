"""Finds the records of the old bot's file: one pass over the bytes, bounded memory.

Shapes: a list under "users", an object under "users", an object keyed by user id, or a bare list. What else
stands at the top level (the old "analytics") is passed over.

A record is only delimited here: brackets outside texts are counted, `parsing` does the rest. A streaming
JSON parser is no option: ijson hides duplicate keys, knows no lines, and a long number or many brackets
end its process.
"""

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from faceitbot.legacy.errors import LegacyFileRefused
from faceitbot.legacy.window import Window

MAX_DEPTH = 20

# Everything up to the next bracket that does not stand in a text. It stops at the quote of a text whose end
# is not in the window yet. Possessive, so that no input makes it look at a byte twice; the groups are atomic
# instead, because Python 3.11.2 (Debian 12) does not go back to where a possessive group last ended.
_UP_TO_BRACKET = re.compile(
    rb'[^"\[\]{}]*+(?>(?:"[^"\\]*+(?>(?:\\.[^"\\]*+)*)"[^"\[\]{}]*+)*)',
    re.DOTALL,
)
_TEXT = re.compile(rb'"[^"\\]*+(?>(?:\\.[^"\\]*+)*)"', re.DOTALL)
_SCALAR = re.compile(rb'[^\s,:"\[\]{}]++')
_SPACE = re.compile(rb"[ \t\r\n]*+")
_OPENING, _CLOSING, _QUOTE = b"{[", b"}]", b'"'


@dataclass(frozen=True, slots=True)
class RawRecord:
    """The bytes of one record and where they stand; numbers and lines count from 1.

    `key` is the member's name where records are keyed by user id.
    """

    number: int
    line: int
    offset: int
    data: bytes
    key: str | None
    too_deep: bool


class LegacyReader:
    """Iterate over the raw records of a seekable file.

    Errors: `LegacyFileRefused` for a cut file, one that is not UTF-8 or not JSON, and one without any record.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._window = Window(file)
        self._at = 0
        self._line = 1
        self._line_counted_to = 0
        self._number = 0
        self._in_record: str = ""

    @property
    def bytes_read(self) -> int:
        """How far the file has been read."""
        return self._window.bytes_read

    @property
    def sha256(self) -> str:
        """The digest of the file, once all records have been read."""
        return self._window.sha256

    def __iter__(self) -> Iterator[RawRecord]:
        keyed_by_id = LegacyReader(self._file).lacks_users_member()
        self._file.seek(0)
        yield from self._top_level(keyed_by_id)
        if self._peek():
            raise self._refusal("the data ends here, but the file goes on")
        if not self._number:
            raise self._refusal("the file holds no record")

    def lacks_users_member(self) -> bool:
        """Whether the file is an object whose members are the users, not one with a member "users".

        The first name tells it, unless it is neither; then the whole file is searched.
        """
        self._skip_byte_order_mark()
        if self._peek() != b"{":
            return False
        for name in self._members():
            if name == "users":
                return False
            if name.isdecimal():
                return True
            self._skip_value()
        return True

    def _top_level(self, keyed_by_id: bool) -> Iterator[RawRecord]:
        self._skip_byte_order_mark()
        match self._peek():
            case b"[":
                yield from self._records()
            case b"{" if keyed_by_id:
                yield from self._records()
            case b"{":
                for name in self._members():
                    if name == "users":
                        yield from self._users()
                    elif name.isdecimal():
                        yield self._record(name)
                    else:
                        self._skip_value()
            case b"":
                raise self._refusal("the file is empty")
            case _:
                raise self._refusal("the data must be a list or an object of users")

    def _users(self) -> Iterator[RawRecord]:
        if self._peek() not in (b"[", b"{"):
            raise self._refusal('"users" must hold a list or an object')
        yield from self._records()

    def _records(self) -> Iterator[RawRecord]:
        if self._peek() == b"[":
            for _ in self._elements():
                yield self._record(None)
        else:
            for name in self._members():
                if name == "analytics":
                    self._skip_value()
                else:
                    yield self._record(name)

    def _record(self, key: str | None) -> RawRecord:
        self._peek()
        self._number += 1
        line = self._current_line()
        self._in_record = f" within record {self._number}, which begins in line {line}"
        start, depth = self._value(keep=True)
        self._in_record = ""
        return RawRecord(
            number=self._number,
            line=line,
            offset=self._window.offset + start,
            data=self._window.data[start : self._at],
            key=key,
            too_deep=depth > MAX_DEPTH,
        )

    # ---- the grammar of lists and objects

    def _elements(self) -> Iterator[None]:
        """Step through a list; the caller consumes each element."""
        self._expect(b"[")
        if self._peek() == b"]":
            self._at += 1
            return
        while True:
            yield
            if self._comma_or(b"]"):
                return

    def _members(self) -> Iterator[str]:
        """Step through an object by the names of its members; the caller consumes each value."""
        self._expect(b"{")
        if self._peek() == b"}":
            self._at += 1
            return
        while True:
            yield self._name()
            if self._comma_or(b"}"):
                return

    def _comma_or(self, closing: bytes) -> bool:
        found = self._peek()
        if found not in (b",", closing):
            raise self._expected(f", or {closing.decode()}")
        self._at += 1
        return found == closing

    def _name(self) -> str:
        if self._peek() != _QUOTE:
            raise self._expected("a name in quotes")
        start = self._text(self._at)
        try:
            name = json.loads(self._window.data[start : self._at], strict=False)
        except ValueError:
            raise self._window.refusal("this name is not valid JSON", start) from None
        self._expect(b":")
        return str(name)

    def _expect(self, wanted: bytes) -> None:
        if self._peek() != wanted:
            raise self._expected(wanted.decode())
        self._at += 1

    def _skip_value(self) -> None:
        self._peek()
        self._value(keep=False)

    # ---- finding the end of a value

    def _value(self, *, keep: bool) -> tuple[int, int]:
        """Move behind the value that begins here; give its start in the window and its greatest depth."""
        start = self._at
        first = self._window.data[start : start + 1]
        if first == _QUOTE:
            return self._text(start), 0
        if first not in (b"{", b"["):
            return self._scalar(start), 0
        depth = deepest = 0
        while True:
            end = self._up_to_bracket()
            if end is None:
                keep_from = start if keep else self._at
                if not self._more(keep_from):
                    raise self._cut()
                start -= keep_from
                continue
            self._at = end + 1
            if self._window.data[end] in _OPENING:
                depth += 1
                deepest = max(deepest, depth)
            else:
                depth -= 1
                if not depth:
                    return start, deepest

    def _up_to_bracket(self) -> int | None:
        """Give the index of the next bracket, or None when the window ends before it."""
        data = self._window.data
        found = _UP_TO_BRACKET.match(data, self._at)
        end = found.end() if found else self._at
        self._at = end
        return end if end < len(data) and data[end] != _QUOTE[0] else None

    def _text(self, start: int) -> int:
        while not (found := _TEXT.match(self._window.data, start)):
            if not self._more(start):
                raise self._cut()
            start = 0
        self._at = found.end()
        return start

    def _scalar(self, start: int) -> int:
        data = self._window.data
        while not (found := _SCALAR.match(data, start)) or found.end() == len(data):
            if start < len(data) and not found:
                raise self._expected("a value")
            if not self._more(start):
                raise self._cut()
            data, start = self._window.data, 0
        self._at = found.end()
        return start

    # ---- the window

    def _peek(self) -> bytes:
        """Move over white space; give the next byte, b"" at the end of the file."""
        while True:
            found = _SPACE.match(self._window.data, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._window.data):
                return self._window.data[self._at : self._at + 1]
            if not self._more(self._at):
                return b""

    def _more(self, keep_from: int) -> bool:
        self._count_lines(keep_from)
        grown = self._window.more(keep_from)
        self._at -= keep_from
        self._line_counted_to -= keep_from
        return grown

    def _current_line(self) -> int:
        self._count_lines(self._at)
        return self._line

    def _count_lines(self, index: int) -> None:
        if index > self._line_counted_to:
            self._line += self._window.data.count(b"\n", self._line_counted_to, index)
            self._line_counted_to = index

    def _skip_byte_order_mark(self) -> None:
        self._more(0)
        if self._window.data.startswith(codecs.BOM_UTF8):
            self._at = len(codecs.BOM_UTF8)

    def _expected(self, what: str) -> LegacyFileRefused:
        return self._refusal(f"expected {what}") if self._peek() else self._cut()

    def _refusal(self, why: str) -> LegacyFileRefused:
        return self._window.refusal(why, self._at)

    def _cut(self) -> LegacyFileRefused:
        return self._window.refusal(f"the file is cut: it ends{self._in_record}", len(self._window.data))
