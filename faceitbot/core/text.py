"""Text that comes from outside: what is refused, and the lengths that hold everywhere."""

import re

from faceitbot.core.errors import InvalidInput

MAX_ID_LENGTH = 64
MAX_NICKNAME_LENGTH = 64
MAX_LANGUAGE_LENGTH = 10

# C0 and C1 controls with NUL and DEL among them, lone surrogates (PostgreSQL stores neither), and
# the line and paragraph separators, which break one log line into two; overrides of the writing direction,
# which reverse what stands around them; and the two code points that are no characters.
_HOSTILE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]")


_PLAIN_CASE = re.compile("[\x20-\x7e\u0400-\u04ff]*")


def find_hostile_character(value: str) -> str | None:
    """Give the first character that no stored text may hold, as `U+XXXX`, else None."""
    if value.isascii() and value.isprintable():
        return None  # next to all texts, in a tenth of the time
    found = _HOSTILE.search(value)
    return f"U+{ord(found.group()):04X}" if found else None


def remove_hostile_characters(value: str) -> str:
    """Give the text without the characters that no stored text may hold."""
    return _HOSTILE.sub("", value)


def fold(value: str) -> str | None:
    """Give a form that is equal for all texts which PostgreSQL may find equal in any case; None if unknown.

    Known are ASCII and Cyrillic, whose case is the same in every version of Unicode and every locale, but for
    the Turkish i, which is not found equal there to what is found equal here. Of other letters, PostgreSQL's
    tables and Python's may say different things.
    """
    return value.lower() if _PLAIN_CASE.fullmatch(value) else None


def clean_text(value: object, field: str, max_length: int, *, min_length: int = 1) -> str:
    """Give the text back unchanged, or refuse it by its field's name.

    Units: lengths count characters, not bytes.
    Errors: `InvalidInput` for another type, a wrong length, NUL, a control character, a lone surrogate.
    """
    if not isinstance(value, str):
        raise InvalidInput(f"{field} must be text, not {type(value).__name__}", field=field)
    if len(value) > max_length:
        raise InvalidInput(f"{field} has {len(value)} characters, at most {max_length} fit", field=field)
    if len(value) < min_length:
        raise InvalidInput(f"{field} must not be empty", field=field)
    hostile = find_hostile_character(value)
    if hostile:
        raise InvalidInput(f"{field} holds the forbidden character {hostile}", field=field)
    return value
