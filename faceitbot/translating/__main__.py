"""Brings the catalogue of Russian texts up to date, and says what is left to translate."""

import sys

import django

django.setup()

from faceitbot.translating import catalogue  # noqa: E402 - reads the settings
from faceitbot.translating.checking import complaints  # noqa: E402
from faceitbot.translating.sources import collect  # noqa: E402


def main() -> int:
    """Collect, merge, compile; 1 if something is wrong with a translation."""
    texts = catalogue.read()
    catalogue.merge(texts, collect())
    catalogue.write(texts)
    found = complaints(catalogue.read())
    for text, wrong in found:
        sys.stdout.write(f"{text!r}: {wrong}\n")
    sys.stdout.write(f"{len(texts)} texts, {len(found)} to be mended in {catalogue.TEXTS}\n")
    return 1 if found else 0


sys.exit(main())
