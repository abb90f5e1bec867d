"""JSON as tables that people read; what is too deep or too wide for one stays JSON, indented."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from faceitbot.core.display import EMPTY, digits, moment

MOST_LEVELS = 3
MOST_COLUMNS = 12
MOST_ROWS = 100
Naming = Callable[[str], str]
_YEARS = range(1900, 9000)  # those outside of them may have no local time
_MOMENT_LENGTH = len("2026-01-01T00:00:00")
_FACTS = '<table class="w-full text-sm"><tbody>{}</tbody></table>'
_FACT = '<tr class="align-top"><th class="text-left font-medium pr-4 py-0.5">{}</th><td>{}</td></tr>'
_TABLE = '<table class="w-full text-sm"><thead><tr class="text-left">{}</tr></thead><tbody>{}</tbody></table>'
_FOLDED = '<details class="folded"><summary>{}</summary><div class="table-scroll">{}</div></details>'
_JSON = '<pre class="code text-xs whitespace-pre-wrap">{}</pre>'


def in_words(key: str) -> str:
    """Give a key as it is read: `average_elo` as "Average elo"."""
    return capfirst(key.replace("_", " "))


@dataclass(frozen=True)
class Words:
    """The words for what JSON holds: for a key, and for a text that is one of ours."""

    name_of: Naming = in_words
    text_of: Naming = str


def as_tables(value: Any, words: Words = Words()) -> SafeString | str:
    """Give HTML of a value of JSON: mappings as facts, lists of mappings with a column for each key.

    All that the value holds is text, never markup.
    """
    return _shown(value, words, 0)


def folded(title: str | Promise, value: Any, words: Words = Words()) -> SafeString | str:
    """Give HTML of a value of JSON that is unfolded when its title is clicked."""
    return format_html(_FOLDED, title, as_tables(value, words)) if value else EMPTY


def _shown(value: Any, words: Words, level: int) -> SafeString | str:
    if not isinstance(value, Mapping | list):
        return _plain(value, words)
    if not value:
        return EMPTY
    if isinstance(value, list) and not any(isinstance(item, Mapping | list) for item in value):
        return ", ".join(str(_plain(item, words)) for item in value[:MOST_ROWS])
    if level == MOST_LEVELS or len(value) > MOST_ROWS:
        return _indented(value)
    if isinstance(value, Mapping):
        facts = ((words.name_of(key), _shown(item, words, level + 1)) for key, item in value.items())
        return format_html(_FACTS, format_html_join("", _FACT, facts))
    return _table(value, words, level)


def _table(rows: Sequence[Any], words: Words, level: int) -> SafeString:
    if not all(isinstance(row, Mapping) for row in rows):
        return _indented(rows)
    keys = list(dict.fromkeys(key for row in rows for key in row))
    if len(keys) > MOST_COLUMNS:
        return _indented(rows)
    heads = format_html_join("", '<th class="pr-4">{}</th>', ((words.name_of(key),) for key in keys))
    cells = [
        format_html_join(
            "", '<td class="pr-4">{}</td>', ((_shown(row.get(key), words, level + 1),) for key in keys)
        )
        for row in rows
    ]
    return format_html(
        _TABLE, heads, format_html_join("", '<tr class="align-top">{}</tr>', ((row,) for row in cells))
    )


def _plain(value: Any, words: Words) -> SafeString | str:
    if value is None or value == "":
        return EMPTY
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return digits(value)
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".")
    at = _moment(value)
    return moment(at) if at else words.text_of(value)


def _moment(text: str) -> datetime | None:
    if len(text) < _MOMENT_LENGTH or text[10:11] != "T":
        return None
    try:
        at = parse_datetime(text)
    except ValueError:
        return None
    return at if at and at.tzinfo and at.year in _YEARS else None


def _indented(value: Any) -> SafeString:
    return format_html(_JSON, json.dumps(value, ensure_ascii=False, indent=2))
