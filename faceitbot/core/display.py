"""How ids, numbers and moments look on the staff's pages.

A column whose method is named `number_...` is right-aligned together with its header (`staff.css`).
"""

from datetime import datetime, timedelta
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import npgettext_lazy

from faceitbot.core import clock

SHORT_ID = 12
EMPTY = "—"
_COPYABLE = """<span class="code">{0}</span><button
 type="button" class="copy" data-copy="{0}" title="{1}" aria-label="{1}" x-data="{{done: false}}"
 x-on:click="navigator.clipboard.writeText($el.dataset.copy).then(() => {{
   done = true; setTimeout(() => done = false, 1500) }})"
><span class="material-symbols-outlined"
 x-text="done ? 'check' : 'content_copy'">content_copy</span></button>"""
_A_MINUTE = timedelta(minutes=1)
# "1 week ago": Russian says «неделю» here, where Django's own texts say «неделя».
_LENGTHS: dict[str, Any] = {
    "year": npgettext_lazy("length of time", "%(num)d year", "%(num)d years", "num"),
    "month": npgettext_lazy("length of time", "%(num)d month", "%(num)d months", "num"),
    "week": npgettext_lazy("length of time", "%(num)d week", "%(num)d weeks", "num"),
    "day": npgettext_lazy("length of time", "%(num)d day", "%(num)d days", "num"),
    "hour": npgettext_lazy("length of time", "%(num)d hour", "%(num)d hours", "num"),
    "minute": npgettext_lazy("length of time", "%(num)d minute", "%(num)d minutes", "num"),
}


def digits(value: int) -> str:
    """Give a number with thin spaces between the thousands."""
    return f"{value:,}".replace(",", "\u202f")


def decimal(value: float | None, places: int = 2) -> str:
    """Give a number with decimals as the reader's language writes them."""
    return EMPTY if value is None else number_format(round(value, places), places)  # it would cut off


def percent(value: float | None) -> str:
    """Give a percentage, 0 to 100, with one decimal."""
    return EMPTY if value is None else f"{decimal(value, 1)}\u00a0%"


def roughly(value: int) -> str:
    """Give an estimate with as many digits as can be trusted: two."""
    return digits(round(value, 2 - len(str(value))))


def stars(value: int | None) -> str:
    """Give an amount of Telegram Stars."""
    return EMPTY if value is None else f"{digits(value)}\u00a0⭐"


def code(value: object) -> SafeString | str:
    """Give an id in a font that tells its characters apart."""
    return format_html('<span class="code">{}</span>', value) if value else EMPTY


def shortened(value: str) -> SafeString | str:
    """Give the beginning of an id that would break over three lines of a list; the whole one is its title."""
    if len(value) <= SHORT_ID:
        return code(value)
    return format_html('<span class="code" title="{}">{}…</span>', value, value[:SHORT_ID])


def copyable(value: object) -> SafeString | str:
    """Give an id with a button that copies it."""
    return format_html(_COPYABLE, value, _("Copy")) if value else EMPTY


def why(reason: str, actor: object) -> str:
    """Give the reason of a deed; one without an actor is ours, so it is in the language of the page."""
    return _(reason) if reason and actor is None else reason


def moment(value: datetime | None) -> SafeString | str:
    """Give a time as "3 days ago", with the exact one on hover."""
    if value is None:
        return EMPTY
    here, text = localtime(value), from_now(value)
    exact = date_format(here, "DATETIME_FORMAT")
    return format_html(
        '<time datetime="{}" title="{}" class="whitespace-nowrap">{}</time>', here.isoformat(), exact, text
    )


def from_now(value: datetime) -> str:
    """Give how long ago something was, or how soon it will be."""
    now = clock.now()
    if abs(now - value) < _A_MINUTE:
        return _("just now")
    if value > now:
        return _("in %(time)s") % {"time": timesince(now, value, time_strings=_LENGTHS, depth=1)}
    return _("%(time)s ago") % {"time": timesince(value, now, time_strings=_LENGTHS, depth=1)}
