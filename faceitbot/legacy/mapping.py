"""Decides what becomes of one parsed record: a user and his access with notes, or a refusal. Pure."""

from dataclasses import dataclass
from datetime import tzinfo

from faceitbot.core.ids import TELEGRAM_ID_MAX
from faceitbot.core.text import MAX_ID_LENGTH, MAX_LANGUAGE_LENGTH, MAX_NICKNAME_LENGTH
from faceitbot.legacy.access import decide_access
from faceitbot.legacy.fates import Code, Deviation, RecordRefused
from faceitbot.legacy.fields import DECIMAL, Fields
from faceitbot.legacy.shown import shown
from subscriptions.imported_subscription import ImportedSubscription
from users.imported_user import ImportedUser

DEFAULT_LANGUAGE = "ru"
_MAX_ID_DIGITS = len(str(TELEGRAM_ID_MAX))

_USER_KEYS = frozenset(
    {
        "user_id",
        "faceit_player_id",
        "faceit_nickname",
        "last_checked_match_id",
        "waiting_for_nickname",
        "language",
        "notifications_enabled",
        "created_at",
        "last_active_at",
        "last_activity",
        "total_requests",
    }
)
# The small early bot. Telegram's names are known, and left behind on purpose: nothing here needs them.
_EARLY_KEYS = frozenset({"telegram_id", "linked_at", "username", "first_name"})
_KNOWN_KEYS = _USER_KEYS | _EARLY_KEYS | {"subscription"}


@dataclass(frozen=True, slots=True)
class DecidedRecord:
    """All that one record turns into, part by part."""

    user: ImportedUser
    subscription: ImportedSubscription
    notes: list[Deviation]


def decide_record(value: object, key: str | None, naive_zone: tzinfo) -> DecidedRecord:
    """Decide one record; `key` is its name in a file keyed by user id.

    Errors: `RecordRefused` when it is no object or has no usable id.
    """
    if not isinstance(value, dict):
        raise RecordRefused(Code.NOT_AN_OBJECT, f"the record is {shown(value)}, not an object")
    notes: list[Deviation] = []
    fields = Fields(value, notes, naive_zone)
    user = _user(fields, key)
    if key is not None and key.lstrip("0") != str(user.telegram_id):
        what = f"the record stands under {shown(key)}, its id is {user.telegram_id}"
        fields.note(Code.EXTRA_KEYS, what, "by its id")
    subscription = decide_access(fields, user.telegram_id, user.created_at)
    fields.note_extra(_KNOWN_KEYS)
    return DecidedRecord(user, subscription, notes)


def _user(fields: Fields, key: str | None) -> ImportedUser:
    return ImportedUser(
        telegram_id=_telegram_id(fields, key),
        faceit_player_id=fields.text("faceit_player_id", MAX_ID_LENGTH),
        faceit_nickname=fields.text("faceit_nickname", MAX_NICKNAME_LENGTH),
        last_checked_match_id=fields.text("last_checked_match_id", MAX_ID_LENGTH),
        waiting_for_nickname=fields.flag("waiting_for_nickname", default=False),
        language=fields.text("language", MAX_LANGUAGE_LENGTH, "kept as ru") or DEFAULT_LANGUAGE,
        notifications_enabled=fields.flag("notifications_enabled", default=True),
        total_requests=fields.counter("total_requests"),
        created_at=fields.past("created_at", "linked_at"),
        last_active_at=fields.past("last_active_at", "last_activity"),
    )


def _telegram_id(fields: Fields, key: str | None) -> int:
    name = "telegram_id" if "telegram_id" in fields.values and "user_id" not in fields.values else "user_id"
    value = fields.value(name)
    if value is None and key is not None:
        return _decimal(key, "the key")
    if value is None:
        raise RecordRefused(Code.ID_MISSING, f"{name} is missing")
    if isinstance(value, str) and DECIMAL.fullmatch(value):
        telegram_id = _decimal(value, name)
        fields.note(Code.ID_AS_TEXT, f"{name} {shown(value)} is text", "read as a number")
        return telegram_id
    if isinstance(value, bool) or not isinstance(value, int):
        raise RecordRefused(Code.ID_NOT_INTEGER, f"{name} {shown(value)} is not an integer")
    return _in_range(value, name)


def _decimal(text: str, name: str) -> int:
    if not DECIMAL.fullmatch(text):
        raise RecordRefused(Code.ID_NOT_INTEGER, f"{name} {shown(text)} is not an integer")
    digits = text.lstrip("0") or "0"
    if len(digits) > _MAX_ID_DIGITS:
        raise RecordRefused(Code.ID_OUT_OF_RANGE, f"{name} {shown(text)} is not between 1 and 2^52")
    return _in_range(int(digits), name)


def _in_range(value: int, name: str) -> int:
    if not 1 <= value <= TELEGRAM_ID_MAX:
        raise RecordRefused(Code.ID_OUT_OF_RANGE, f"{name} {value} is not between 1 and 2^52")
    return value
