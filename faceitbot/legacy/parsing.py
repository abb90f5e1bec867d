"""Turns the bytes of one record into JSON values, and refuses what JSON alone would let pass."""

import json
import math
from collections import Counter
from typing import BinaryIO, NoReturn

from faceitbot.legacy.errors import LegacyFileRefused
from faceitbot.legacy.fates import Code, RecordRefused
from faceitbot.legacy.reader import MAX_DEPTH, RawRecord
from faceitbot.legacy.shown import shown
from faceitbot.legacy.window import locate

MAX_DIGITS = 100


def parse_record(raw: RawRecord, file: BinaryIO) -> object:
    """Give the record's value.

    Errors: `RecordRefused` for duplicate keys, NaN, too many levels or digits; `LegacyFileRefused`, with the
    place in `file`, when the record is not JSON: then nothing behind it can be trusted either.
    """
    if raw.too_deep:
        raise RecordRefused(Code.JSON_TOO_DEEP, f"the record has more than {MAX_DEPTH} levels")
    text = raw.data.decode()
    try:
        try:
            return _DECODER.decode(text)
        except RecordRefused:
            _ANY_NUMBERS.decode(text)  # what is not even JSON is no matter of one record
            raise
    except json.JSONDecodeError as error:
        offset = raw.offset + len(text[: error.pos].encode())
        line, column = locate(file, offset)
        why = f"record {raw.number} is not valid JSON ({error.msg})"
        raise LegacyFileRefused(why, line=line, column=column) from None


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        [(twice, _times)] = Counter(name for name, _ in pairs).most_common(1)
        raise RecordRefused(Code.JSON_DUPLICATE_KEY, f"{shown(twice)} stands twice in one object")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise RecordRefused(Code.JSON_NAN, f"{name} is not a number")


def _integer(digits: str) -> int:
    _refuse_long(digits)
    return int(digits)


def _float(digits: str) -> float:
    _refuse_long(digits)
    value = float(digits)
    if not math.isfinite(value):
        raise RecordRefused(Code.JSON_NAN, f"{digits} is larger than any number")
    return value


def _refuse_long(digits: str) -> None:
    if len(digits) > MAX_DIGITS and sum(map(str.isdigit, digits)) > MAX_DIGITS:
        raise RecordRefused(Code.JSON_NUMBER, f"a number has more than {MAX_DIGITS} digits")


# Not strict: raw control characters in a text are let through here and removed, with a note, by the mapping.
_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_constant=_refuse_constant,
    parse_int=_integer,
    parse_float=_float,
    strict=False,
)
_ANY_NUMBERS = json.JSONDecoder(parse_int=str, parse_float=str, strict=False)
