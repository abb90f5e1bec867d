"""Columns and what they hold, in words that staff read."""

from datetime import date, datetime
from typing import Any, NamedTuple

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateTimeField, Field, Model
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext, gettext_lazy

from faceitbot.core.display import EMPTY
from faceitbot.core.models import AuditEntry

# What audit entries say beside the columns of their objects.
_WORDS = {
    "days": gettext_lazy("days"),
    "tier": gettext_lazy("tier"),
    "user": gettext_lazy("user"),
    "count": gettext_lazy("number"),
    "rows": gettext_lazy("rows"),
    "format": gettext_lazy("format"),
    "filter": gettext_lazy("filter"),
    "searched": gettext_lazy("narrowed by a search"),
    "besides": gettext_lazy("narrowed by"),
}


class ReadableChange(NamedTuple):
    """One thing that changed, and how."""

    label: str
    before: str
    after: str


def changes_of(entry: AuditEntry) -> list[ReadableChange]:
    """Give what an audit entry says has changed, a line for each column."""
    model = _model(entry)
    names = dict.fromkeys([*entry.before, *entry.after])
    return [
        ReadableChange(
            label_of(model, name),
            value_of(model, name, entry.before.get(name)),
            value_of(model, name, entry.after.get(name)),
        )
        for name in names
        if entry.before.get(name) != entry.after.get(name)
    ]


def changes_in_words(entry: AuditEntry) -> str:
    """Give the same as one text, as a cell of a file has it."""
    return "; ".join(f"{change.label}: {change.before} → {change.after}" for change in changes_of(entry))


def kind_of(entry: AuditEntry) -> str:
    """Give what kind of thing an audit entry is about, all of them where it names no single one."""
    model = _model(entry)
    if model is None:
        return entry.object_label
    meta = model._meta
    return capfirst(str(meta.verbose_name if entry.object_id else meta.verbose_name_plural))


def object_of(entry: AuditEntry) -> tuple[str, str]:
    """Give what kind of thing an audit entry is about, and the address of its page, "" without one."""
    model, kind = _model(entry), kind_of(entry)
    if model is None or not admin.site.is_registered(model):
        return kind, ""
    pages = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    if not entry.object_id:  # done to all of them
        return kind, reverse(f"{pages}_changelist")
    return kind, reverse(f"{pages}_change", args=[entry.object_id])


def label_of(model: type[Model] | None, path: str) -> str:
    """Give the name of a column, which may be one of a related row."""
    way, _gap, last = path.rpartition("__")
    found = _field(model, path)
    name = str(found.verbose_name if found else _WORDS.get(last, last.replace("_", " ")))
    if found is not None and way:
        name = f"{found.model._meta.verbose_name}: {name}"
    return capfirst(name)


def value_of(model: type[Model] | None, path: str, value: Any) -> str:
    """Give what a column holds, or held as JSON."""
    found = _field(model, path)
    if value is None or value == "":
        return EMPTY
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if found is not None and found.choices:
        return str(dict(found.flatchoices).get(value, value))
    if isinstance(found, DateTimeField) and isinstance(value, str):
        value = parse_datetime(value) or value
    if isinstance(value, datetime):
        return date_format(localtime(value), "SHORT_DATETIME_FORMAT")
    if isinstance(value, date):
        return date_format(value, "SHORT_DATE_FORMAT")
    if isinstance(value, list):
        return ", ".join(str(part) for part in value) or EMPTY
    return str(value)


def _model(entry: AuditEntry) -> type[Model] | None:
    try:
        return apps.get_model(entry.object_label)
    except (LookupError, ValueError):
        return None  # a thing of former days


def _field(model: type[Model] | None, path: str) -> "Field[Any, Any] | None":
    found: Any = None
    for name in path.split("__"):
        if model is None:
            return None
        try:
            found = model._meta.get_field(name)
        except FieldDoesNotExist:
            return None
        model = found.related_model
    return found if isinstance(found, Field) else None
