"""What the bot says to people: a sentence for each code, in Russian and in English.

    say("limit", "ru", daily_limit=10, resets_at=..., resets_in_seconds=12_000)

Values are numbers, moments and tiers, never free text: nobody's nickname can break a message's markup.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from string import Formatter
from typing import Any, Protocol

from faceitbot.core import clock
from faceitbot.core.errors import FaceitBotError, InvalidInput
from faceitbot.texts import en, ru

MAX_LENGTH = 200
MAX_NUMBER = 1_000_000
# Whose language people of these countries mostly read as well; everybody else gets English.
_RUSSIAN = {"ru", "be", "kk", "ky", "tg", "uk"}


class _Language(Protocol):
    SENTENCES: Mapping[str, str]
    TIERS: Mapping[str, str]
    FOR_EVER: str
    days: Callable[[int], str]
    moment: Callable[[datetime, datetime], str]
    span: Callable[[int, int], str]


def _names(sentence: str) -> frozenset[str]:
    return frozenset(name for _text, name, _spec, _conversion in Formatter().parse(sentence) if name)


# For each code the names of the values that its sentence needs.
CODES: dict[str, frozenset[str]] = {code: _names(sentence) for code, sentence in ru.SENTENCES.items()}


def say(code: str, language: str = "ru", now: datetime | None = None, **values: Any) -> str:
    """Give the sentence of a code, at most 200 characters.

    Values: tier, next_tier; days (None: for ever), daily_limit, stars; expires_at, resets_at, aware or ISO
    text, shown in BOT_TIME_ZONE; resets_in_seconds. More values than the sentence needs are fine.
    Errors: `InvalidInput` for an unknown code, a missing value or one of the wrong kind.
    """
    needed = CODES.get(str(code))
    if needed is None:
        raise InvalidInput(f"there is no text for the code {code!r}", field="code")
    if not isinstance(language, str):
        raise InvalidInput(f"language must be text, not {type(language).__name__}", field="language")
    words: Any = ru if language.lower().split("-")[0] in _RUSSIAN else en
    today = (clock.now() if now is None else clock.aware(now)).astimezone(clock.bot_zone())
    shown = {name: _shown(name, values, words, today) for name in needed}
    return str(words.SENTENCES[code].format(**shown))


def code_of(error: FaceitBotError) -> str:
    """Give the code of the sentence for an error: that of its reason, that of its kind, or `unavailable`."""
    codes = (f"{error.code}_{error.context.get('reason')}", error.code)
    return next((code for code in codes if code in CODES), "unavailable")


def _shown(name: str, values: Mapping[str, Any], words: _Language, today: datetime) -> str:
    if name not in values:
        raise InvalidInput(f"the text needs {name}", field=name)
    value = values[name]
    if name in ("tier", "next_tier"):
        if not isinstance(value, str) or value not in words.TIERS:
            raise InvalidInput(f"{name} is no tier: {value!r}", field=name)
        return words.TIERS[value]
    if name in ("expires_at", "resets_at"):
        return words.moment(_moment(name, value).astimezone(clock.bot_zone()), today)
    if name == "days" and value is None:
        return words.FOR_EVER
    number = _number(name, value)
    if name == "days":
        return words.days(number)
    if name == "resets_in_seconds":
        minutes = -(-number // 60)
        return words.span(minutes // 60, minutes % 60)
    return f"{number} ⭐" if name == "stars" else str(number)


def _moment(name: str, value: object) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError as error:
            raise InvalidInput(f"{name} is no moment", field=name) from error
    if value is None:
        raise InvalidInput(f"{name} is no moment", field=name)
    return clock.aware(value, name)


def _number(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_NUMBER:
        raise InvalidInput(f"{name} must be a whole number from 0 to {MAX_NUMBER}", field=name)
    return value
