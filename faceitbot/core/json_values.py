"""JSON from outside: what may be stored, and by which path a value is named that may not."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from faceitbot.core.errors import InvalidInput

MOST_BYTES = 1_000_000  # of one value, as it is written
MOST_LEVELS = 32
_LARGEST = 2**63 - 1  # what a cache can hold, too
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def clean_json(value: object, path: str, most_bytes: int = MOST_BYTES) -> Any:
    """Give a copy of a value as JSON will hold it, or refuse it by the path of what is wrong.

    Shape: None, bool, int of 64 bits, finite float, text, lists and tuples, mappings with texts as keys.
    Units: `most_bytes` counts UTF-8.
    Errors: `InvalidInput` that names the place, as `path.teams[1].name`; the path alone for a value that is
    too large. Text may hold what JSON may, but NUL and lone surrogates, which PostgreSQL does not store.
    """
    cleaned = _cleaned(value, path, 0)
    size = len(json.dumps(cleaned, ensure_ascii=False).encode())
    if size > most_bytes:
        raise InvalidInput(f"{path} takes {size} bytes, at most {most_bytes} fit", field=path)
    return cleaned


def _cleaned(value: object, path: str, level: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value, path)
    if isinstance(value, int):
        return _whole(value, path)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise InvalidInput(f"{path} is no finite number", field=path)
        return value
    if level == MOST_LEVELS:
        raise InvalidInput(f"{path} lies deeper than {MOST_LEVELS} levels", field=path)
    if isinstance(value, Mapping):
        return {key: _cleaned(part, f"{path}.{key}", level + 1) for key, part in _items(value, path)}
    if isinstance(value, list | tuple):
        return [_cleaned(part, f"{path}[{number}]", level + 1) for number, part in enumerate(value)]
    raise InvalidInput(f"{path} is {type(value).__name__}, which JSON does not know", field=path)


def _items(value: Mapping[Any, Any], path: str) -> Iterator[tuple[str, Any]]:
    for key, part in value.items():
        if not isinstance(key, str):
            raise InvalidInput(f"{path} has a key that is no text", field=path)
        yield _text(key, path), part


def _text(value: str, path: str) -> str:
    if _UNSTORABLE.search(value):
        raise InvalidInput(f"{path} holds a character that cannot be stored", field=path)
    return str.__str__(value)  # of an enum its value, whatever it makes of `str()`


def _whole(value: int, path: str) -> int:
    if not -_LARGEST <= value <= _LARGEST:
        raise InvalidInput(f"{path} is a number of more than 64 bits", field=path)
    return int.__int__(value)
