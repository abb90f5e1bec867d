"""The file of Russian texts and its compiled form."""

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings

from faceitbot.translating.sources import LANGUAGE

FOLDER = Path(settings.BASE_DIR) / "locale" / LANGUAGE / "LC_MESSAGES"
TEXTS = FOLDER / "django.po"
COMPILED = FOLDER / "django.mo"


def read() -> Catalog:
    """Give the texts with their translations."""
    with TEXTS.open("rb") as file:
        return read_po(file, locale=LANGUAGE)


def read_compiled() -> Catalog:
    """Give the texts as Django loads them."""
    with COMPILED.open("rb") as file:
        return read_mo(file)


def merge(catalogue: Catalog, found: Catalog) -> None:
    """Add what is new, without guesses at a translation; drop what no source holds any more."""
    catalogue.update(found, no_fuzzy_matching=True)
    catalogue.obsolete.clear()


def write(catalogue: Catalog) -> None:
    """Write the texts in the order of the alphabet, under the head that stands in the file, and compile."""
    head, _blank, _entries = TEXTS.read_text(encoding="utf-8").partition("\n\n")
    entries = io.BytesIO()
    write_po(entries, catalogue, width=100, omit_header=True, sort_output=True, include_lineno=False)
    TEXTS.write_text(f"{head}\n\n{entries.getvalue().decode().strip()}\n", encoding="utf-8")
    with COMPILED.open("wb") as file:
        write_mo(file, read())
