"""What staff are told when a repository refuses something."""

from django.utils.text import capfirst
from django.utils.translation import get_language, gettext

from faceitbot.core.errors import FaceitBotError


def sentence(error: FaceitBotError) -> str:
    """Give an error as a sentence in the language of the page.

    Messages without values are in the catalogue; for the others their class speaks.
    """
    told = gettext(error.message) if error.message else ""
    if not told or (told == error.message and get_language() != "en"):
        told = str(error.for_staff)
    return f"{capfirst(told.rstrip('.'))}."
