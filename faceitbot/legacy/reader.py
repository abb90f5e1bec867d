"""Finds the records of the old bot's file: one pass over the bytes, bounded memory.

Shapes: a list under "users", an object under "users", an object keyed by user id, or a bare list. What else
stands at the top level (the old "analytics") is passed over.

A record is only delimited here, `parsing` does the rest. A streaming JSON parser is no option: ijson hides
duplicate keys, knows no lines, and a long number or many brackets end its process.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from faceitbot.legacy.scanner import Scanner

MAX_DEPTH = 20


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
        self._keyed_by_id = _is_keyed_by_id(file)
        self._scanner = Scanner(file)
        self._number = 0

    @property
    def bytes_read(self) -> int:
        """How far the file has been read."""
        return self._scanner.bytes_read

    @property
    def sha256(self) -> str:
        """The digest of the file, once all records have been read."""
        return self._scanner.sha256

    def __iter__(self) -> Iterator[RawRecord]:
        yield from self._top_level()
        if self._scanner.peek():
            raise self._scanner.refusal("the data ends here, but the file goes on")
        if not self._number:
            raise self._scanner.refusal("the file holds no record")

    def _top_level(self) -> Iterator[RawRecord]:
        match self._scanner.peek():
            case b"[":
                yield from self._records()
            case b"{" if self._keyed_by_id:
                yield from self._records()
            case b"{":
                for name in self._scanner.members():
                    if name == "users":
                        yield from self._users()
                    elif name.isdecimal():
                        yield self._record(name)
                    else:
                        self._scanner.skip_value()
            case b"":
                raise self._scanner.refusal("the file is empty")
            case _:
                raise self._scanner.refusal("the data must be a list or an object of users")

    def _users(self) -> Iterator[RawRecord]:
        if self._scanner.peek() not in (b"[", b"{"):
            raise self._scanner.refusal('"users" must hold a list or an object')
        yield from self._records()

    def _records(self) -> Iterator[RawRecord]:
        if self._scanner.peek() == b"[":
            for _ in self._scanner.elements():
                yield self._record(None)
        else:
            for name in self._scanner.members():
                if name == "analytics":
                    self._scanner.skip_value()
                else:
                    yield self._record(name)

    def _record(self, key: str | None) -> RawRecord:
        scanner = self._scanner
        scanner.peek()
        self._number += 1
        line = scanner.line
        scanner.inside = f" within record {self._number}, which begins in line {line}"
        value = scanner.value()
        scanner.inside = ""
        return RawRecord(self._number, line, value.offset, value.data, key, value.depth > MAX_DEPTH)


def _is_keyed_by_id(file: BinaryIO) -> bool:
    """Whether the file is an object whose members are the users, not one with a member "users".

    The first name tells it, unless it is neither; then the whole file is searched. What has neither is some
    other program's file, and holds no record.
    """
    scanner = Scanner(file)
    if scanner.peek() != b"{":
        return False
    for name in scanner.members():
        if name == "users":
            return False
        if name.isdecimal():
            return True
        scanner.skip_value()
    return False
