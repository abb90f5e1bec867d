"""Reads JSON that a bot has stored, whatever it holds; and says what of it a page has not shown."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from faceitbot.core.display import EMPTY

# Longer lists and mappings than these are no players, maps or advice.
MOST_ITEMS = 100
LARGEST = 1e15  # a larger number is no figure of a game
ANY = "*"
Shape = Callable[[Any], bool] | Mapping[str, Any] | Sequence[Any]
_ALL_SHOWN = object()
_NAMES = ("nickname", "player_id", "map")


def mapping(value: Any) -> Mapping[str, Any]:
    """Give a mapping of JSON; an empty one where there is none, or one too long to be read."""
    return value if isinstance(value, Mapping) and len(value) <= MOST_ITEMS else {}


def rows(value: Any) -> Sequence[Mapping[str, Any]]:
    """Give a list of mappings; an empty one where there is none, or one too long to be read."""
    fits = isinstance(value, list) and len(value) <= MOST_ITEMS
    return value if fits and all(isinstance(row, Mapping) for row in value) else ()


def text(value: Any) -> str:
    """Give a text, or a number as text; "" where there is neither."""
    return str(value) if is_plain(value) and value is not None else ""


def number(value: Any) -> int | float | None:
    """Give a number that can be a figure of a game."""
    fits = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST
    return value if fits else None


def figure(value: Any, write: Callable[[Any], str]) -> str:
    """Give a number as `write` does; a text in its place as it is."""
    return write(value) if number(value) is not None else text(value) or EMPTY


def is_plain(value: Any) -> bool:
    """Tell whether a value fits into one cell: a text, a number, or nothing."""
    return value is None or (isinstance(value, str | int | float) and not isinstance(value, bool))


def is_plain_or_list(value: Any) -> bool:
    """Tell whether a value fits into one line: plain, or a list of such."""
    return is_plain(value) or (isinstance(value, list) and all(is_plain(item) for item in value))


def left_over(value: Any, shape: Shape) -> Any:
    """Give what a page that shows a shape leaves out of a value; None where it shows all there is.

    A shape is a mapping of keys to shapes (`ANY` stands for all others), a list with the shape of its rows,
    or a function that tells whether a value is shown. What is empty counts as shown.
    """
    left = _left_over(value, shape)
    return None if left is _ALL_SHOWN else left


def _left_over(value: Any, shape: Shape | None) -> Any:
    if value is None or value in ("", [], {}):
        return _ALL_SHOWN
    if shape is None:
        return value
    if callable(shape):
        return _ALL_SHOWN if shape(value) else value
    if isinstance(shape, Mapping):
        return _keys_left(value, shape) if mapping(value) else value
    left = [each for row in rows(value) if (each := _row_left(row, shape[0])) is not _ALL_SHOWN]
    return (left or _ALL_SHOWN) if rows(value) else value


def _keys_left(value: Mapping[str, Any], shape: Mapping[str, Any]) -> Any:
    each_left = {key: _left_over(item, shape.get(key, shape.get(ANY))) for key, item in value.items()}
    left = {key: item for key, item in each_left.items() if item is not _ALL_SHOWN}
    return left or _ALL_SHOWN


def _row_left(row: Mapping[str, Any], shape: Shape) -> Any:
    """Give what is left of a row, with the names that say whose it is."""
    left = _left_over(row, shape)
    if not isinstance(left, Mapping):
        return left
    return {**{name: row[name] for name in _NAMES if text(row.get(name))}, **left}
