"""The forms of actions, as a browser sends them."""

from datetime import datetime
from typing import Any

from django.contrib.messages import get_messages
from django.utils.timezone import localtime

from faceitbot.core import clock


def filled(shown: Any, **given: str) -> dict[str, Any]:
    """Give what is sent when somebody fills in the form of a page that asks: what it hides goes along."""
    sent: dict[str, Any] = {}
    for name, value in shown.context["hidden"]:
        sent.setdefault(name, []).append(value)
    return {**sent, **given}


def said(answer: Any) -> list[str]:
    """Give the messages that an answer has left for the next page."""
    return [str(message) for message in get_messages(answer.wsgi_request)]


def as_opened(page: Any, url: str) -> dict[str, Any]:
    """Give what a browser sends when somebody opens a page and saves it unchanged."""
    form = page.get(url).context["adminform"].form
    sent: dict[str, Any] = {}
    for name, field in form.fields.items():
        value = form.get_initial_for_field(field, name)
        if field.show_hidden_initial:
            sent |= _written(form[name].html_initial_name, value)
        if value is not None and value is not False:
            sent |= _written(name, value)
    return sent


def _written(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, list):
        return {name: [str(getattr(part, "pk", part)) for part in value]}
    if isinstance(value, datetime):
        here = localtime(value, clock.bot_zone())
        return {f"{name}_0": f"{here:%Y-%m-%d}", f"{name}_1": f"{here:%H:%M:%S}"}
    return {name: "" if value is None else str(value)}
