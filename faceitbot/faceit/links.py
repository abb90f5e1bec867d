"""Links of FACEIT's pages: bodies leave the language open, as a literal `{lang}`."""

from urllib.parse import quote

from faceitbot.core.text import MAX_LANGUAGE_LENGTH, clean_text


def in_language(link: str | None, language: str = "en") -> str | None:
    """Give the link of a page in a language; None stays None."""
    if link is None:
        return None
    return link.replace("{lang}", quote(clean_text(language, "language", MAX_LANGUAGE_LENGTH), safe=""))
