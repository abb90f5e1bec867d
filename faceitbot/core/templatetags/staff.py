"""Filters of the staff's pages."""

from collections.abc import Mapping
from datetime import datetime

from django import template
from django.contrib import admin
from django.db.models import Model
from django.utils.html import format_html
from django.utils.safestring import SafeString

from faceitbot.core import audit, display, readable
from faceitbot.core.models import AuditEntry

register = template.Library()
register.filter("copyable", display.copyable)
register.filter("decimal", display.decimal)
register.filter("digits", display.digits)
register.filter("percent", display.percent)
register.filter("action_label", audit.label_of_action)
register.filter("changes", readable.changes_of)
register.filter("roughly", display.roughly)
register.filter("stars", display.stars)


@register.filter
def item(values: Mapping[str, int], name: str) -> int:
    """Give the value of a name that a template has in a variable."""
    return values[name]


@register.filter
def why(entry: AuditEntry) -> str:
    """Give the reason of an audit entry."""
    return display.why(entry.reason, entry.actor)


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """Give a time as "3 days ago", with the exact one on hover."""
    return display.moment(value)


@register.filter
def staff_name(row: object) -> object:
    """Give what staff call a row: as its page does, else its own text."""
    if not isinstance(row, Model) or not admin.site.is_registered(type(row)):
        return row
    # By name, not by class: unfold's admin loads the template libraries while it is itself being imported.
    return getattr(admin.site.get_model_admin(type(row)), "name_of", str)(row)


@register.filter
def audited_object(entry: AuditEntry) -> SafeString | str:
    """Give what an audit entry is about, with a link to its page where it has one."""
    kind, page = readable.object_of(entry)
    return format_html('<a class="text-link" href="{}">{}</a>', page, kind) if page else kind
