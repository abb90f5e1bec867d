"""Typed ids: a Telegram id is never taken for one of our own, nor the reverse."""

from typing import NewType
from uuid import UUID

from faceitbot.core.errors import InvalidInput
from faceitbot.core.text import MAX_ID_LENGTH, clean_text

TelegramId = NewType("TelegramId", int)

# Source: Telegram Bot API, type User: an id has at most 52 significant bits.
TELEGRAM_ID_MAX = 2**52
MOST_DIGITS = 40  # that are read as a number at all


def telegram_id(value: object, field: str = "user_id") -> TelegramId:
    """Give the Telegram id, or refuse whatever cannot be one.

    Errors: `InvalidInput` for bool, float, text, None and for numbers outside 1..2^52.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidInput(f"{field} must be a Telegram id (int), not {type(value).__name__}", field=field)
    if not 1 <= value <= TELEGRAM_ID_MAX:
        raise InvalidInput(f"{field} must be a Telegram id from 1 to 2^52, not {value}", field=field)
    return TelegramId(value)


def typed_id(term: str) -> int | None:
    """Give the Telegram id that somebody has typed, None for other text.

    Digits that are too many for an id give one that nobody has, however many they are.
    """
    if not (term.isascii() and term.isdigit()):
        return None
    return min(int(term), TELEGRAM_ID_MAX + 1) if len(term) <= MOST_DIGITS else TELEGRAM_ID_MAX + 1


def typed_key(term: str) -> UUID | None:
    """Give the UUID that somebody has pasted, None for other text."""
    try:
        return UUID(term)
    except ValueError:
        return None


def row_id(value: object, field: str = "id") -> UUID:
    """Give the row's UUID, or refuse whatever is not one.

    A UUID written as text is read: callback data and statistics carry ids that way.
    """
    if isinstance(value, UUID):
        return value
    if isinstance(value, str):
        try:
            return UUID(value)
        except ValueError:
            raise InvalidInput(f"{field} must be a UUID, this text is none", field=field) from None
    raise InvalidInput(f"{field} must be a UUID, not {type(value).__name__}", field=field)


def faceit_id(value: object, field: str = "faceit_player_id") -> str:
    """Give an opaque id of FACEIT (player or match): 1 to 64 printable characters, no shape."""
    text = clean_text(value, field, MAX_ID_LENGTH)
    if not text.isprintable() or text.isspace():
        raise InvalidInput(f"{field} must consist of printable characters", field=field)
    return text
