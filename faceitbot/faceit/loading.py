"""Bytes or text into the object of JSON that they hold."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn, TypeVar

from faceitbot.core.errors import InvalidInput
from faceitbot.faceit.reading import Body, read

MOST_BYTES = 8 * 1024 * 1024  # a hundred matches of a hub have less than one
DEEPEST = 32  # real bodies are nested less than ten deep

Raw = bytes | str | Mapping[str, Any]
B = TypeVar("B", bound=Body)


def decode(kind: type[B], body: Raw) -> B:
    """Give the struct of a whole body.

    Errors: `InvalidInput` whose field is the path inside the body, or `body` where it is no object of JSON.
    """
    return read(kind, load(body), "")


def load(body: Raw) -> Mapping[str, Any]:
    """Give the object that a body is, a mapping as it is.

    Errors: `InvalidInput` for what is no JSON in UTF-8, as with NaN, infinity or a key twice; for what is no
    object, larger than 8 MiB or nested deeper than 32.
    """
    content = body if isinstance(body, Mapping) else _parsed(_text(body))
    if not isinstance(content, Mapping):
        raise _unreadable(f"is not an object but {type(content).__name__}")
    _refuse_depth(content)
    return content


def _unreadable(why: str) -> InvalidInput:
    return InvalidInput(f"the body {why}", field="body")


def _text(body: object) -> str:
    if not isinstance(body, bytes | str):
        raise _unreadable(f"must be bytes, text or a mapping, not {type(body).__name__}")
    if len(body) > MOST_BYTES:
        raise _unreadable(f"is larger than {MOST_BYTES} bytes")
    try:
        return body if isinstance(body, str) else body.decode()
    except UnicodeDecodeError:
        raise _unreadable("is not UTF-8") from None


def _parsed(text: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except InvalidInput:
        raise
    except (ValueError, RecursionError):  # among the former: a number of more digits than Python reads
        raise _unreadable("is not JSON") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _unreadable("has an object with the same key twice")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise _unreadable(f"holds {name}, which is not JSON")


def _refuse_depth(content: Mapping[str, Any]) -> None:
    """Go down level by level; what holds itself has no end, and is refused too."""
    level: dict[int, Any] = {0: content}
    for _depth in range(DEEPEST):
        level = {id(item): item for container in level.values() for item in _containers(container)}
        if not level:
            return
    raise _unreadable(f"is nested deeper than {DEEPEST}")


def _containers(container: Mapping[str, Any] | Iterable[Any]) -> list[Any]:
    items = container.values() if isinstance(container, Mapping) else container
    # Texts are most of a body, and to ask whether one is a mapping takes longer than all else here.
    return [
        item
        for item in items
        if not isinstance(item, str) and isinstance(item, dict | list | tuple | Mapping)
    ]
