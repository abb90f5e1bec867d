"""Walks through JSON of any size, element by element and member by member, in bounded memory.

A value is only delimited: brackets outside texts are counted, and the bytes are handed out as they are.
"""

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from faceitbot.legacy.errors import LegacyFileRefused
from faceitbot.legacy.window import Window

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
class Value:
    """The bytes of one JSON value, where they begin, and how many levels of brackets they have."""

    offset: int
    data: bytes
    depth: int


class Scanner:
    """A position in a file; every method moves it forward.

    Errors: `LegacyFileRefused` where the file is not JSON or is cut. `inside` completes the sentence about a
    cut file: what was being read.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._window = Window(file)
        self._at = 0
        self._line = 1
        self._line_counted_to = 0
        self.inside = ""
        self._skip_byte_order_mark()

    @property
    def bytes_read(self) -> int:
        """How far the file has been read."""
        return self._window.bytes_read

    @property
    def sha256(self) -> str:
        """The digest of what has been read."""
        return self._window.sha256

    @property
    def line(self) -> int:
        """The line of the position, from 1."""
        self._count_lines(self._at)
        return self._line

    # ---- the grammar of lists and objects

    def elements(self) -> Iterator[None]:
        """Step through a list; the caller consumes each element."""
        self._expect(b"[")
        if self.peek() == b"]":
            self._at += 1
            return
        while True:
            yield
            if self._comma_or(b"]"):
                return

    def members(self) -> Iterator[str]:
        """Step through an object by the names of its members; the caller consumes each value."""
        self._expect(b"{")
        if self.peek() == b"}":
            self._at += 1
            return
        while True:
            yield self._name()
            if self._comma_or(b"}"):
                return

    def _comma_or(self, closing: bytes) -> bool:
        found = self.peek()
        if found not in (b",", closing):
            raise self._expected(f", or {closing.decode()}")
        self._at += 1
        return found == closing

    def _name(self) -> str:
        if self.peek() != _QUOTE:
            raise self._expected("a name in quotes")
        start = self._text(self._at)
        try:
            name = json.loads(self._window.data[start : self._at], strict=False)
        except ValueError:
            raise self._window.refusal("this name is not valid JSON", start) from None
        self._expect(b":")
        return str(name)

    def _expect(self, wanted: bytes) -> None:
        if self.peek() != wanted:
            raise self._expected(wanted.decode())
        self._at += 1

    def value(self) -> Value:
        """Take the value that comes next."""
        self.peek()
        start, depth = self._value(keep=True)
        return Value(self._window.offset + start, self._window.data[start : self._at], depth)

    def skip_value(self) -> None:
        """Pass over the value that comes next, whatever its size."""
        self.peek()
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

    def peek(self) -> bytes:
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

    def _count_lines(self, index: int) -> None:
        if index > self._line_counted_to:
            self._line += self._window.data.count(b"\n", self._line_counted_to, index)
            self._line_counted_to = index

    def _skip_byte_order_mark(self) -> None:
        self._more(0)
        if self._window.data.startswith(codecs.BOM_UTF8):
            self._at = len(codecs.BOM_UTF8)

    def _expected(self, what: str) -> LegacyFileRefused:
        return self.refusal(f"expected {what}") if self.peek() else self._cut()

    def refusal(self, why: str) -> LegacyFileRefused:
        """Give the refusal of the file because of what stands at the position."""
        return self._window.refusal(why, self._at)

    def _cut(self) -> LegacyFileRefused:
        return self._window.refusal(f"the file is cut: it ends{self.inside}", len(self._window.data))
