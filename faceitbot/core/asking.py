"""The page that asks before staff act, and what it remembers of what it has shown."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Model
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext

from faceitbot.core import clock, versions
from faceitbot.core.audit import done_since, label_of_action
from faceitbot.core.display import digits
from faceitbot.core.readable import label_of, value_of

# What a form carries besides its fields.
TOKEN, OPENED, VERSIONS = "form_token", "form_opened", "form_versions"
_OF_THE_LIST = ("action", "select_across", "index", ACTION_CHECKBOX_NAME)
SHOWN = 10
# People come and go while staff fill a form in: counts that differ by no more are those that were shown.
NEAR_ENOUGH, NEAR_ENOUGH_PERCENT = 10, 1


class Question:
    """Asks about an action on rows: its title, its form, and what the rows are now.

    Where there are too many to be read, they are `counted`: by what, and how many.
    """

    def __init__(
        self,
        page: Any,
        request: HttpRequest,
        rows: Sequence[Model],
        title: object,
        confirm: object,
        form: forms.Form,
        counted: Mapping[str, int] | None = None,
    ) -> None:
        self._page, self._request, self._rows, self._counted = page, request, rows, counted
        self._texts = {"title": title, "confirm": confirm, "form": form}

    def page(self) -> TemplateResponse:
        """Give the page: as new, or once more with what is wrong in the form."""
        sent = self._request.POST if is_sent(self._request) else {}
        return self._page_of(
            {
                TOKEN: sent.get(TOKEN) or str(uuid4()),
                OPENED: sent.get(OPENED) or clock.now().isoformat(),
                VERSIONS: sent.get(VERSIONS) or self._versions(),
            }
        )

    def page_of_what_changed(self) -> TemplateResponse:
        """Give the page with the row as it is now, and say who has changed it since the form was opened."""
        rows = [found for row in self._rows for found in self._page.related_rows(row)]
        done = done_since(rows, opened_at(self._request)) if rows else []
        carried = {TOKEN: str(uuid4()), OPENED: clock.now().isoformat(), VERSIONS: self._versions()}
        return self._page_of(carried, stale=True, audit_entries=done)

    def _page_of(self, carried: dict[str, str], **more: Any) -> TemplateResponse:
        posted = self._request.POST
        context = {
            **self._page.admin_site.each_context(self._request),
            **self._texts,
            "opts": self._page.model._meta,
            "original": self._original(),
            "rows": self._rows[:SHOWN],
            "more": max(0, len(self._rows) - SHOWN),
            "state": self._state(),
            "hidden": [
                *((name, value) for name in _OF_THE_LIST for value in posted.getlist(name)),
                *carried.items(),
            ],
            **more,
        }
        return TemplateResponse(self._request, "admin/core/reason.html", context)

    def _original(self) -> Model | None:
        """Give the row whose page this is a part of, if it is."""
        one = self._rows[0] if len(self._rows) == 1 else None
        return one if isinstance(one, self._page.model) else None

    def is_of(self, seen: Mapping[str, str]) -> bool:
        """Say whether the counts are nearly those that the sender of the form has seen."""
        counts = enumerate((self._counted or {}).values())
        return not seen or all(_is_near(number, seen.get(_count_key(place), "")) for place, number in counts)

    def _versions(self) -> str:
        if self._counted is not None:
            return versions.packed(
                {_count_key(n): str(number) for n, number in enumerate(self._counted.values())}
            )
        return versions.packed(versions.versions_of(self._rows, self._page.version_fields))

    def _state(self) -> list[tuple[str, str]]:
        """Give what a decision about the row rests on, as it is now."""
        if self._counted is not None:
            return [(name, digits(number)) for name, number in self._counted.items()]
        fields = self._page.version_fields
        if len(self._rows) != 1 or not fields:
            return []
        model = type(self._rows[0])
        stored = model._default_manager.filter(pk=self._rows[0].pk).values(*fields).first() or {}
        return [(label_of(model, name), value_of(model, name, stored.get(name))) for name in fields]


def shown_count(request: HttpRequest) -> int | None:
    """Give the first of the counts that the sender of a form has seen."""
    seen = seen_by(request).get(_count_key(0), "")
    return int(seen) if seen.isdecimal() else None


def _count_key(place: int) -> str:
    return f"n{place}"


def _is_near(number: int, shown: str) -> bool:
    if not shown.isdecimal():
        return False
    return abs(number - int(shown)) <= max(NEAR_ENOUGH, int(shown) * NEAR_ENOUGH_PERCENT // 100)


def is_sent(request: HttpRequest) -> bool:
    """Say whether the form has been filled in, or is to be shown first."""
    return request.method == "POST" and (TOKEN in request.POST or "reason" in request.POST)


def seen_by(request: HttpRequest) -> dict[str, str]:
    """Give the versions of the rows that the sender of a form has seen, by their keys."""
    return versions.unpacked(request.POST.get(VERSIONS, ""))


def opened_at(request: HttpRequest) -> datetime:
    """Give when the sender of a form has opened it."""
    try:
        return clock.aware(parse_datetime(request.POST.get(OPENED, "")))
    except ValueError:
        return clock.now()


def told_by(page: Any, request: HttpRequest, row: Model) -> str:
    """Give a sentence for a row that has changed since the form was opened: who has done what."""
    done = done_since(page.related_rows(row), opened_at(request), limit=1)
    if not done:
        return gettext("has changed since you opened the form")
    who = done[0].actor or gettext("system")
    return gettext("has changed since you opened the form: %(who)s, %(what)s") % {
        "who": who,
        "what": label_of_action(done[0].action),
    }
