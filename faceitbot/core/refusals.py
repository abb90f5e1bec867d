"""What staff are told when a repository refuses something."""

from django.utils.text import capfirst
from django.utils.translation import get_language, gettext

from faceitbot.core.errors import FaceitBotError


def clause(error: FaceitBotError) -> str:
    """Give an error in the language of the page, to stand within a sentence.

    Messages without values are in the catalogue; for the others their class speaks.
    """
    told = gettext(error.message) if error.message else ""
    if told and (told != error.message or get_language() == "en"):
        return told.rstrip(".")
    told = str(error.for_staff)
    return f"{told[0].lower()}{told[1:].rstrip('.')}"


def sentence(error: FaceitBotError) -> str:
    """Give an error as a sentence in the language of the page."""
    return f"{capfirst(clause(error))}."
