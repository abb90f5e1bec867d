"""Bodies changed at random, as bytes or as a mapping, and what of a body is read at all."""

import json
import random
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]
EVERY = "*"  # of an object whose keys are data: all were asked for

TEXTS = (
    *(
        "",
        " ",
        "x",
        "\x00",
        "a\x00b",
        "\ud800",
        "\udfff!",
        "a\nb",
        "\x1b[2J",
        "\u202eabc",
        "\u2028",
        "\ufffe",
    ),
    *(
        "x" * 65,
        "x" * 5000,
        "🙂" * 40,
        "İ" * 64,
        "' OR 1=1 --",
        "<script>",
        "{lang}",
        "bye",
        "faction3",
        "../..",
    ),
    *(
        "NaN",
        "Infinity",
        "1e999",
        "-1",
        "1,2",
        "1,234",
        "16,544",
        "0x1f",
        "٣",
        "9" * 5000,
        "1.5",
        "10",
        "true",
    ),
    *("2026-02-30T00:00:00Z", "9999-12-31T23:59:59-14:00", "2026-03-01", "javascript:alert(1)", "FINISHED"),
)
NUMBERS = (
    *(
        0,
        1,
        -1,
        10,
        11,
        100_001,
        2**31,
        2**63,
        2**64,
        10**400,
        -(10**400),
        1.5,
        -0.0,
        1e308,
        10**17,
        1773703361000,
    ),
    *(float("nan"), float("inf"), float("-inf")),
)
OTHERS: tuple[Any, ...] = (None, True, False, [], {}, [[]], {"": None}, [None], {"a": {"b": "c"}})


@dataclass(frozen=True)
class Mutant:
    """A changed body: what was done, to which place (None: to the bytes), and the body to decode."""

    how: str
    path: Path | None
    body: bytes | Mapping[str, Any]


def mutate(body: dict[str, Any], rng: random.Random) -> Mutant:
    """Change a body in one way out of many."""
    if rng.random() < 0.2:
        how = rng.choice(list(OF_BYTES))
        return Mutant(how, None, OF_BYTES[how](json.dumps(body).encode(), rng))
    changed = json.loads(json.dumps(body))
    path = rng.choice(list(places(changed)))
    how = rng.choice(list(OF_PLACES))
    added = OF_PLACES[how](_inside(changed, path[:-1]), path[-1], rng)
    path = path if added is None else (*path[:-1], added)
    try:
        text = json.dumps(changed, ensure_ascii=rng.random() < 0.5).encode()
    except (ValueError, RecursionError):  # no UTF-8, a number that is too long, or too deep
        return Mutant(how, path, changed)
    as_it_is = rng.random() < 0.5 or b"NaN" in text or b"Infinity" in text
    return Mutant(how, path, changed if as_it_is else text)


def places(value: Any, path: Path = ()):
    """Yield the path of everything inside."""
    inside = value.items() if isinstance(value, Mapping) else enumerate(value)
    for key, item in inside:
        yield (*path, key)
        if isinstance(item, Mapping | list):
            yield from places(item, (*path, key))


class Watched(Mapping):
    """A body that remembers which of its places were asked for."""

    def __init__(self, content: Mapping[str, Any], seen: set[Path], path: Path = ()) -> None:
        self.content, self.seen, self.path = content, seen, path

    def __getitem__(self, key):
        return _watched(self.content[key], self.seen, (*self.path, key))

    def __iter__(self):
        return iter(self.content)

    def __len__(self):
        return len(self.content)

    def get(self, key, default=None):
        self.seen.add((*self.path, key))
        return super().get(key, default)

    def items(self):
        self.seen.add((*self.path, EVERY))
        return super().items()


def _watched(value: Any, seen: set[Path], path: Path) -> Any:
    if isinstance(value, Mapping):
        return Watched(value, seen, path)
    if isinstance(value, list):
        return [_watched(item, seen, (*path, position)) for position, item in enumerate(value)]
    return value


def is_read(path: Path, seen: set[Path]) -> bool:
    """Whether a place was looked at; of a list that was, each item."""
    parents = [path[:length] for length in range(1, len(path) + 1)]
    keys = [parent for parent in parents if isinstance(parent[-1], str)]
    return all(parent in seen or (*parent[:-1], EVERY) in seen for parent in keys)


def _inside(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


# ---- Changes of one place; each gives the key that it added, if it did


def _drop(holder, key, _rng):
    del holder[key]


def _retype(holder, key, rng):
    holder[key] = rng.choice(OTHERS)


def _hostile_text(holder, key, rng):
    holder[key] = rng.choice(TEXTS)


def _other_number(holder, key, rng):
    holder[key] = rng.choice(NUMBERS)


def _number_as_text(holder, key, _rng):
    value = holder[key]
    if isinstance(value, int | float):
        holder[key] = str(value)
    elif isinstance(value, str) and value.isascii() and value.isdigit():
        holder[key] = int(value)


def _swap_container(holder, key, _rng):
    value = holder[key]
    if isinstance(value, dict):
        holder[key] = list(value.values())
    elif isinstance(value, list):
        holder[key] = {str(position): item for position, item in enumerate(value)}
    else:
        holder[key] = [value]


def _nest(holder, key, rng):
    for _level in range(rng.choice((1, 5, 40, 400))):
        holder[key] = [holder[key]] if rng.random() < 0.5 else {"x": holder[key]}


def _duplicate(holder, key, _rng):
    if isinstance(holder, list):
        holder.insert(key, deepcopy(holder[key]))
    elif isinstance(holder[key], list):
        holder[key] *= 2
    else:
        holder[f"{key} "] = deepcopy(holder[key])
        return f"{key} "
    return None


def _multiply(holder, key, _rng):
    holder[key] = [holder[key]] * 1001


def _change_case(holder, key, _rng):
    if isinstance(holder[key], str):
        holder[key] = holder[key].swapcase()


def _add_key(holder, _key, rng):
    if not isinstance(holder, dict):
        return None
    added = rng.choice(("new", "Kills\x00", "", "\ud800", "__class__"))
    holder[added] = rng.choice(TEXTS)
    return added


OF_PLACES = {
    "a place dropped": _drop,
    "another type": _retype,
    "hostile text": _hostile_text,
    "another number": _other_number,
    "number as text": _number_as_text,
    "array for object": _swap_container,
    "nested": _nest,
    "there twice": _duplicate,
    "a thousand times": _multiply,
    "another case": _change_case,
    "an unknown key": _add_key,
}

# ---- Changes of the bytes


def _truncate(text, rng):
    return text[: rng.randrange(len(text))]


def _one_byte(text, rng):
    position = rng.randrange(len(text))
    return text[:position] + bytes([rng.randrange(256)]) + text[position + 1 :]


def _repeat_a_key(text, rng):
    """Write an object's first key a second time."""
    starts = [position for position in range(len(text)) if text[position : position + 2] == b'{"']
    position = rng.choice(starts)
    key = text[position + 1 : text.index(b'"', position + 2) + 1]
    return text[: position + 1] + key + b": 1, " + text[position + 1 :]


def _another_encoding(text, rng):
    accented = text.replace(b'"EU"', '"\u00c9U"'.encode())
    return accented.decode().encode(
        rng.choice(("utf-16", "utf-32", "utf-8-sig", "latin-1", "cp1251")), "replace"
    )


def _white_space(text, _rng):
    return b"\n\t " + text.replace(b", ", b" ,\n") + b" \r\n"


OF_BYTES = {
    "truncated": _truncate,
    "one byte": _one_byte,
    "a key twice": _repeat_a_key,
    "another encoding": _another_encoding,
    "white space": _white_space,
}
