"""How one value of a body is read, and the types that say so in a declaration.

`kills: Annotated[Count, "Kills"]` is an `int` to whoever uses it; its reader stands in the type. A reader
takes the value and its path inside the body, and gives None for what FACEIT writes instead of leaving it out.
"""

import math
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from faceitbot.core.clock import aware
from faceitbot.core.errors import InvalidInput
from faceitbot.core.ids import faceit_id
from faceitbot.core.text import MAX_NICKNAME_LENGTH, clean_text
from faceitbot.faceit.maps import map_name

Reader = Callable[[object, str], Any]
Step = str | int
Where = Callable[..., str]  # of steps, the path that they lead to

# Bounds that no honest body reaches. Sums of dozens of such figures still fit a database's integer.
MOST_IN_A_MATCH = 100_000
MOST_IN_A_LIFE = 100_000_000
MOST_ELO = 100_000
HIGHEST_FIGURE = 1_000_000.0

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)

# Older bodies group thousands with commas: "16,544".
_NUMBER = re.compile(r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?")
_LONGEST_NUMBER, _LONGEST_MOMENT = 32, 40


def _number(value: object, path: str) -> int | float:
    if isinstance(value, str) and len(value) <= _LONGEST_NUMBER and _NUMBER.fullmatch(value):
        digits = value.replace(",", "")
        return float(digits) if "." in digits else int(digits)
    if isinstance(value, bool) or not isinstance(value, int | float):
        # The text itself may be hostile, and a number may have a million digits: neither is repeated.
        raise InvalidInput(f"{path} must be a number, not this {type(value).__name__}", field=path)
    return value


def _bounded(value: object, path: str, lowest: float, highest: float) -> int | float:
    number = _number(value, path)
    if not lowest <= number <= highest:  # NaN is not within either
        raise InvalidInput(f"{path} must be from {lowest} to {highest}", field=path)
    return number


def _whole(highest: int) -> Reader:
    def read(value: object, path: str) -> int:
        number = _bounded(value, path, 0, highest)
        if number != math.floor(number):
            raise InvalidInput(f"{path} must be a whole number", field=path)
        return int(number)

    return read


def _whole_above_zero(highest: int) -> Reader:
    read_whole = _whole(highest)
    return lambda value, path: read_whole(value, path) or None


def _decimal(highest: float) -> Reader:
    return lambda value, path: float(_bounded(value, path, 0, highest))


def _text(longest: int) -> Reader:
    return lambda value, path: clean_text(value, path, longest)


def _label(value: object, path: str) -> str:
    return clean_text(clean_text(value, path, 64).lower(), path, 64)  # lower case may be longer


def _link(value: object, path: str) -> str:
    text = clean_text(value, path, 500)
    if not text.startswith(("https://", "http://")):
        raise InvalidInput(f"{path} must be a link of the web", field=path)
    return text


def _flag(value: object, path: str) -> bool:
    if not isinstance(value, bool | int | str) or value not in {0, 1, "0", "1"}:
        raise InvalidInput(f"{path} must be 0 or 1", field=path)
    return value in {1, "1"}


def _within_the_calendar(moment: datetime, path: str) -> datetime:
    if not FIRST <= moment <= LAST:
        raise InvalidInput(f"{path} must lie between {FIRST.year} and {LAST.year}", field=path)
    return moment


def _epoch(unit: timedelta) -> Reader:
    most = (LAST - EPOCH) // unit

    def read(value: object, path: str) -> datetime | None:
        units = _bounded(value, path, 0, most)
        return _within_the_calendar(EPOCH + units * unit, path) if units else None

    return read


_read_seconds = _epoch(timedelta(seconds=1))


def _moment(value: object, path: str) -> datetime | None:
    """Read ISO text with a zone, or epoch seconds."""
    if not isinstance(value, str) or _NUMBER.fullmatch(value[:_LONGEST_NUMBER]):
        moment: datetime | None = _read_seconds(value, path)
        return moment
    text = clean_text(value, path, _LONGEST_MOMENT)
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{path} must be a time in ISO form", field=path) from None
    return _within_the_calendar(aware(parsed, path), path)


def _nothing(value: object, path: str) -> tuple[()]:
    if value not in ([], ()):
        raise InvalidInput(f"{path} must be an empty list", field=path)
    return ()


def _winner(value: object, path: str) -> str | None:
    """Read which side has won; any other word (a draw) says that neither has."""
    return {"faction1": "team1", "faction2": "team2"}.get(clean_text(value, path, 64))


Id = Annotated[str, faceit_id]
Nickname = Annotated[str, _text(MAX_NICKNAME_LENGTH)]
Word = Annotated[str, _text(64)]  # region, status, country: as sent
Label = Annotated[str, _label]  # the same in lower case
Name = Annotated[str, _text(255)]  # of a team, a competition; a reason
Link = Annotated[str, _link]
MapName = Annotated[str, map_name]

Count = Annotated[int, _whole(MOST_IN_A_MATCH)]
Total = Annotated[int, _whole(MOST_IN_A_LIFE)]
Level = Annotated[int, _whole_above_zero(10)]  # FACEIT writes 0 where there is none
Elo = Annotated[int, _whole_above_zero(MOST_ELO)]  # and here for a game that was never played
Figure = Annotated[float, _decimal(HIGHEST_FIGURE)]
Percent = Annotated[float, _decimal(100.0)]
Flag = Annotated[bool, _flag]
Winner = Annotated[Literal["team1", "team2"], _winner]
Nothing = Annotated[tuple[()], _nothing]

Seconds = Annotated[datetime, _read_seconds]
Milliseconds = Annotated[datetime, _epoch(timedelta(milliseconds=1))]
Moment = Annotated[datetime, _moment]


def refuse_repeated(where: Where, keys: Iterable[tuple[tuple[Step, ...], object]]) -> None:
    """Refuse two things of the same key; each key comes with the steps that lead to it.

    Errors: `InvalidInput` that names the later of the two.
    """
    seen: set[object] = set()
    for steps, key in keys:
        if key in seen:
            path = where(*steps)
            raise InvalidInput(f"{path} is there twice", field=path)
        seen.add(key)
