"""A moving window over a file: bounded memory, and every byte proven to be UTF-8."""

import codecs
import hashlib
from typing import BinaryIO

from faceitbot.legacy.errors import LegacyFileRefused

CHUNK_BYTES = 256 * 1024
# The longest record or text that is held in memory. The old bot's records have below 2 kB.
MAX_PIECE_BYTES = 4 * 1024 * 1024

_CONTINUATION_BYTES = bytes(range(0x80, 0xC0))


class Window:
    """The part of a file that is being looked at.

    `data` holds the bytes from `offset` on; `keep_from` is the index below which they may be forgotten.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self._hash = hashlib.sha256()
        self._read = 0
        self.data = b""
        self.offset = 0
        file.seek(0)
        self._refuse_other_encodings()

    @property
    def bytes_read(self) -> int:
        """How far the file has been read."""
        return self._read

    @property
    def sha256(self) -> str:
        """The digest of what has been read, of the whole file once all of it has."""
        return self._hash.hexdigest()

    def more(self, keep_from: int) -> bool:
        """Drop the bytes below `keep_from`, append the next chunk; say whether there was one.

        Indexes into `data` shift down by `keep_from`.
        """
        if len(self.data) - keep_from > MAX_PIECE_BYTES:
            raise self.refusal(f"one record takes more than {MAX_PIECE_BYTES // 2**20} MiB", keep_from)
        chunk = self._file.read(CHUNK_BYTES)
        self._check_utf8(chunk)
        self._hash.update(chunk)
        self._read += len(chunk)
        self.data = self.data[keep_from:] + chunk
        self.offset += keep_from
        return bool(chunk)

    def refusal(self, why: str, index: int) -> LegacyFileRefused:
        """Give the refusal of the file because of what stands at this index of `data`."""
        return self._refusal_at(why, self.offset + index)

    def _refusal_at(self, why: str, offset: int) -> LegacyFileRefused:
        line, column = locate(self._file, offset)
        return LegacyFileRefused(why, line=line, column=column)

    def _refuse_other_encodings(self) -> None:
        head = self._file.read(2)
        self._file.seek(0)
        # UTF-16 without its mark has a NUL beside the first bracket.
        if head in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) or (len(head) == len(set(head)) and 0 in head):
            raise self._refusal_at("the file is not UTF-8 (it looks like UTF-16); save it as UTF-8", 0)

    def _check_utf8(self, chunk: bytes) -> None:
        pending = len(self._decoder.getstate()[0])
        try:
            self._decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            where = self._read - pending + error.start
            cut = not chunk
            why = "the file is cut within a character" if cut else "the file is not UTF-8 from here on"
            raise self._refusal_at(why, where) from None


def locate(file: BinaryIO, offset: int) -> tuple[int, int]:
    """Give line and column of a byte, both from 1, the column in characters; a BOM has no column."""
    file.seek(0)
    line, column, left = 1, 1, offset
    first = True
    while left > 0 and (chunk := file.read(min(CHUNK_BYTES, left))):
        left -= len(chunk)
        if first:
            chunk = chunk.removeprefix(codecs.BOM_UTF8)
            first = False
        line_breaks = chunk.count(b"\n")
        if line_breaks:
            line += line_breaks
            column = 1
            chunk = chunk[chunk.rindex(b"\n") + 1 :]
        column += len(chunk.translate(None, _CONTINUATION_BYTES))
    return line, column
