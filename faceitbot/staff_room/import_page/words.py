"""What staff call the codes of an import."""

from typing import Any

from django.utils.translation import gettext_lazy as _

# The sentence of each record has what was seen, in English: this says in the reader's language what it means.
_WORDS: dict[str, Any] = {
    "id_missing": _("No Telegram id"),
    "id_not_integer": _("The Telegram id is no whole number"),
    "id_out_of_range": _("No such Telegram id is possible"),
    "not_an_object": _("Not a user at all"),
    "duplicate_user": _("The same user once more"),
    "json_duplicate_key": _("A field stands there twice"),
    "json_nan": _("A number that is none"),
    "json_too_deep": _("Nested too deeply"),
    "json_number": _("A number of too many digits"),
    "id_as_text": _("Telegram id written as text"),
    "subscription_unreadable": _("The subscription is unreadable"),
    "tier_unknown": _("The tier is unknown"),
    "counter_negative": _("Negative counter, taken as 0"),
    "faceit_taken": _("FACEIT account of somebody else, not linked"),
    "date_unreadable": _("The date is unreadable"),
    "expired": _("The access had ended before"),
    "expiry_on_free": _("End of access without access, ignored"),
    "access_given_here": _("Access was given here before"),
    "access_differs": _("An earlier import gave other access"),
    "code_duplicate": _("Referral code of somebody else, left out"),
    "code_invalid": _("Impossible referral code, left out"),
    "referrer_unknown": _("The referrer is unknown"),
    "text_cleaned": _("Characters that are no text, removed"),
    "text_too_long": _("Text too long, left out"),
    "extra_keys": _("Fields that nobody knows, left out"),
}


def meaning(code: str) -> str:
    """Give what a code means; one of former days is called by its name."""
    return str(_WORDS.get(code, code))


def codes() -> frozenset[str]:
    """Give the codes that have words."""
    return frozenset(_WORDS)
