"""What may happen to a record: the codes, and the sentence that a person reads.

Each deviation has one code. A *refusal* keeps the record out, a *note* says what was changed on its way in.
"""

from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """Why a record, or a value of it, did not come in as it stood in the file."""

    # Refusals.
    ID_MISSING = "id_missing"
    ID_NOT_INTEGER = "id_not_integer"
    ID_OUT_OF_RANGE = "id_out_of_range"
    NOT_AN_OBJECT = "not_an_object"
    DUPLICATE_USER = "duplicate_user"
    JSON_DUPLICATE_KEY = "json_duplicate_key"
    JSON_NAN = "json_nan"
    JSON_TOO_DEEP = "json_too_deep"
    JSON_NUMBER = "json_number"
    # Notes.
    ID_AS_TEXT = "id_as_text"
    COUNTER_NEGATIVE = "counter_negative"
    FACEIT_TAKEN = "faceit_taken"
    DATE_UNREADABLE = "date_unreadable"
    TEXT_CLEANED = "text_cleaned"
    TEXT_TOO_LONG = "text_too_long"
    EXTRA_KEYS = "extra_keys"
    SUBSCRIPTION_UNREADABLE = "subscription_unreadable"
    TIER_UNKNOWN = "tier_unknown"
    EXPIRED = "expired"
    EXPIRY_ON_FREE = "expiry_on_free"
    ACCESS_GIVEN_HERE = "access_given_here"
    ACCESS_DIFFERS = "access_differs"
    CODE_DUPLICATE = "code_duplicate"
    CODE_INVALID = "code_invalid"
    REFERRER_UNKNOWN = "referrer_unknown"


@dataclass(frozen=True, slots=True)
class Deviation:
    """One code with what was seen and what came of it, as the second half of a sentence.

    It is `undecided` when the user may have paid for access other than he has now: a person has to decide.
    """

    code: Code
    what: str
    outcome: str = "user not imported"
    undecided: bool = False


class RecordRefused(Exception):
    """The record stays out; the reader goes on with the next one."""

    def __init__(self, code: Code, what: str, telegram_id: int | None = None) -> None:
        super().__init__(what)
        self.deviation = Deviation(code, what)
        self.telegram_id = telegram_id


def sentence(deviation: Deviation, *, record: int, line: int, telegram_id: int | None) -> str:
    """Give the sentence for a person.

    Example: `record 48 211 (line 1 012 433, user 5000048210): created_at "2025-13-45" is not a date
    [date_unreadable]: field left empty.`
    """
    user = f", user {telegram_id}" if telegram_id is not None else ""
    where = f"record {_grouped(record)} (line {_grouped(line)}{user})"
    return f"{where}: {deviation.what} [{deviation.code}]: {deviation.outcome}."


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", " ")
