"""One stored value: its bytes, until when it may be served, and the stamps that it was made under."""

import struct
from enum import Enum
from typing import NamedTuple, cast

STAMP_LENGTH = 8
Stamps = tuple[bytes, bytes, bytes]
_MAGIC = b"fb"
_HEAD = struct.Struct(f">2sdd{STAMP_LENGTH * 3}s")
HEAD_LENGTH = _HEAD.size
STAMPS_AT = HEAD_LENGTH - STAMP_LENGTH * 3


class Why(Enum):
    """Why there is nothing to serve."""

    ABSENT = "absent"
    STALE = "stale"
    UNDECODABLE = "undecodable"
    PAST = "past"  # nobody asked Redis


class Entry(NamedTuple):
    """A value that may be served. Units: seconds since 1970."""

    payload: bytes
    stored: float
    expires: float
    stamps: Stamps


def seal(payload: bytes, stored: float, expires: float, stamps: Stamps) -> bytes:
    """Give the bytes to store."""
    return _HEAD.pack(_MAGIC, stored, expires, b"".join(stamps)) + payload


def judge(raw: bytes | None, stamps: tuple[bytes | None, ...], now: float) -> Entry | Why:
    """Give the entry if its stamps are those of this moment and its time is not over, else why not."""
    if raw is None:
        return Why.ABSENT
    if len(raw) <= HEAD_LENGTH or raw[:2] != _MAGIC:
        return Why.UNDECODABLE
    _magic, stored, expires, made_under = _HEAD.unpack_from(raw)
    if None in stamps or made_under != b"".join(stamps) or expires <= now:  # type: ignore[arg-type]
        return Why.STALE
    return Entry(raw[HEAD_LENGTH:], stored, expires, cast("Stamps", stamps))
