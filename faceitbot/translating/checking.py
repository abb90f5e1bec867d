"""What may be wrong with a translation, seen without knowing Russian."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from babel.messages.catalog import Catalog, Message

FORMS = 3  # 1 день, 2 дня, 5 дней
_PLACEHOLDER = re.compile(r"%%|%\(\w+\)[-+ #0-9.]*[a-z]|%[-+ #0-9.]*[a-z]|\{\w*\}")
_TAG = re.compile(r"</?\w+[^>]*>|&\w+;")
_LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z]+")
# Names, and words that people here use as they are.
LATIN = frozenset(
    {
        "faceitbot",
        "FACEIT",
        "Telegram",
        "Free",
        "Premium",
        "Pro",
        "API",
        "CSV",
        "Excel",
        "XLSX",
        "SHA",
        "ID",
        "mail",
        "cookie",
        "QR",
        "Aegis",
        "FAS",
        "Google",
        "Authenticator",
        "ADR",
        "ELO",
        "MVP",
        "PostgreSQL",
        "Valkey",
    }
)


def complaints(catalogue: Catalog) -> list[tuple[str, str]]:
    """Give each text that is not translated well, with what is wrong."""
    return [(_text(message), wrong) for message in catalogue if message.id for wrong in _wrong(message)]


def _text(message: Message) -> str:
    return str(message.id if isinstance(message.id, str) else message.id[0])


def _wrong(message: Message) -> Iterator[str]:
    texts, given = _each(message.id), _each(message.string)
    if not all(given) or len(given) != (1 if len(texts) == 1 else FORMS):
        yield "not translated"
        return
    if message.fuzzy:
        yield "marked as fuzzy"
    wanted = _placeholders(texts[-1:])
    for translation in given:
        if _placeholders([translation]) != wanted:
            yield f"other placeholders: {translation}"
        if sorted(_TAG.findall(translation)) != sorted(_TAG.findall(texts[-1])):
            yield f"other markup: {translation}"
        if _ends(translation) != _ends(texts[0]):
            yield f"another end: {translation!r}"
        if any(sign in _TAG.sub("", translation) for sign in '"“”„'):
            yield f"quotation marks are « »: {translation}"
        if strange := set(_LATIN_WORD.findall(_PLACEHOLDER.sub("", _TAG.sub("", translation)))) - LATIN:
            yield f"not Russian: {', '.join(sorted(strange))}"


def _each(text: Any) -> list[str]:
    return list(text) if isinstance(text, tuple | list) else [text or ""]


def _placeholders(texts: Iterable[str]) -> list[str]:
    return sorted(found for text in texts for found in _PLACEHOLDER.findall(text))


def _ends(text: str) -> tuple[str, str]:
    """Give what a text begins and ends with beside its words: space, or the sign of a sentence."""
    text = text.replace("...", "…")
    beginning = text[: len(text) - len(text.lstrip())]
    end = text[len(text.rstrip()) :] or (text[-1] if text[-1] in ".?!:…" else "")
    return beginning, end
