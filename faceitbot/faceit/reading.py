"""Bodies into structs, by what the structs declare.

A field says where its value stands in the body and, by its type, how it is read:

    kills: Annotated[Count, "Kills"]                          # body["Kills"], must be there
    adr: Annotated[Figure | None, "ADR"] = None               # may be absent: missing, null or ""
    winner: Annotated[Winner | None, "results.winner"] = None  # deeper down
    name: Annotated[Name | None, "name", "nickname"] = None   # the first of them that is there
    nickname: Nickname                                        # body["nickname"]
    roster: tuple[Member, ...] = ()                           # a list of structs

So a new figure is one line, and `InvalidInput` names the path of whatever could not be read, by the name that
the body has for it. What no field asks for is not looked at.
"""

import re
from collections.abc import Mapping, Sequence, Sized
from functools import cache, partial
from types import NoneType, UnionType
from typing import Annotated, Any, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from faceitbot.core.errors import InvalidInput
from faceitbot.core.text import clean_text
from faceitbot.faceit.values import Reader, Step, Where

MOST_ITEMS = 1000
MAX_KEY_LENGTH = 64


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a body."""

    def check(self, where: Where) -> None:
        """Refuse what only several fields together show.

        `where` gives the path in the body of what is here: `where("players", 3, "player_id")`.
        """


B = TypeVar("B", bound=Body)
S = TypeVar("S", bound=Sized)


class _Field(NamedTuple):
    attribute: str
    names: tuple[str, ...]
    read: Reader
    required: bool


def read(kind: type[B], value: object, path: str) -> B:
    """Give the struct that a mapping holds.

    Errors: `InvalidInput` whose field is the path of what is missing or cannot be read; what is missing goes
    by the first of its names.
    """
    body = _mapped(value, path)
    prefix = f"{path}." if path else ""
    found = {}
    for field in _fields(kind):
        content = _content(field, body, prefix)
        if content is not None:
            found[field.attribute] = content
        elif field.required:
            where = prefix + field.names[0]
            raise InvalidInput(f"{where} is missing", field=where)
    struct = kind(**found)
    struct.check(partial(_where, kind, body, prefix))
    return struct


def _content(field: _Field, body: Mapping[Any, Any], prefix: str) -> Any:
    name, value = _named_in(field, body, prefix)
    return None if value is None else field.read(value, prefix + name)


def _named_in(field: _Field, body: Mapping[Any, Any], prefix: str) -> tuple[str, Any]:
    """Give the name that a body has for a field, with its value; the first name where it is absent."""
    for name in field.names:
        value = _find(body, name, prefix)
        if value is not None:
            return name, value
    return field.names[0], None


def _where(kind: type[Body], body: Mapping[Any, Any], path: str, *steps: Step) -> str:
    """Give the path of what attributes and positions lead to in a body that could be read."""
    value: Any = body
    reached: Any = kind
    for step in steps:
        if isinstance(step, int):
            value, path = value[step], f"{path}[{step}]"
            (reached, *_same) = get_args(_bare(reached)[0])
        else:
            prefix = f"{path}." if path and not path.endswith(".") else path
            bare = _bare(reached)[0]
            (field,) = [each for each in _fields(bare) if each.attribute == step]
            name, value = _named_in(field, value, prefix)
            path, reached = prefix + name, get_type_hints(bare, include_extras=True)[step]
    return path


def _find(body: Mapping[Any, Any], name: str, prefix: str) -> Any:
    """Give what stands at a place, None where it is absent."""
    value: Any = body
    reached = prefix.removesuffix(".")
    for step in _steps(name):
        if isinstance(step, int):
            value = dict(enumerate(_listed(value, reached))).get(step)
            reached = f"{reached}[{step}]"
        else:
            value = _mapped(value, reached).get(step)
            reached = f"{reached}.{step}" if reached else step
        if value in (None, ""):
            return None
    return value


@cache
def _steps(name: str) -> tuple[Step, ...]:
    return tuple(int(step) if step.isdigit() else step for step in re.findall(r"[^.\[\]]+", name))


@cache
def _fields(kind: type[Body]) -> tuple[_Field, ...]:
    hints = get_type_hints(kind, include_extras=True)
    return tuple(_field(info.name, hints[info.name], info.required) for info in msgspec.structs.fields(kind))


def _field(attribute: str, hint: Any, required: bool) -> _Field:
    names = tuple(note for note in _bare(hint)[1] if isinstance(note, str))
    return _Field(attribute, names or (attribute,), _reader_of(hint), required)


def _bare(hint: Any) -> tuple[Any, list[Any]]:
    """Give a type without `Annotated` and `| None` around it, and what was annotated."""
    notes: list[Any] = []
    while True:
        if get_origin(hint) is Annotated:
            hint, *more = get_args(hint)
            notes += more
        elif get_origin(hint) in {Union, UnionType}:
            (hint,) = [part for part in get_args(hint) if part is not NoneType]
        else:
            return hint, notes


def _reader_of(hint: Any) -> Reader:
    """Give what reads a value, a list, an object whose keys are data, a struct."""
    bare, notes = _bare(hint)
    for note in notes:
        if callable(note):
            reader: Reader = note
            return reader
    if get_origin(bare) is tuple:
        return partial(_many, _reader_of(get_args(bare)[0]))
    if get_origin(bare) is dict:
        return partial(_named, _reader_of(get_args(bare)[1]))
    return partial(read, bare)


def _many(read_item: Reader, value: object, path: str) -> tuple[Any, ...]:
    return tuple(read_item(item, f"{path}[{position}]") for position, item in enumerate(_listed(value, path)))


def _named(read_item: Reader, value: object, path: str) -> dict[str, Any]:
    return {
        clean_text(key, path, MAX_KEY_LENGTH): read_item(item, f"{path}.{key}")
        for key, item in _mapped(value, path).items()
    }


def _listed(value: object, path: str) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        raise InvalidInput(f"{path} must be a list, not {type(value).__name__}", field=path)
    return _bounded(value, path)


def _mapped(value: object, path: str) -> Mapping[Any, Any]:
    if not isinstance(value, dict | Mapping):  # the usual one first: a Mapping is slow to tell
        raise InvalidInput(f"{path} must be an object, not {type(value).__name__}", field=path)
    return _bounded(value, path)


def _bounded(value: S, path: str) -> S:
    if len(value) > MOST_ITEMS:
        raise InvalidInput(f"{path} has more than {MOST_ITEMS} items", field=path)
    return value
