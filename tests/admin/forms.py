"""The forms of actions, as a browser sends them."""

from typing import Any

from django.contrib.messages import get_messages


def filled(shown: Any, **given: str) -> dict[str, Any]:
    """Give what is sent when somebody fills in the form of a page that asks: what it hides goes along."""
    sent: dict[str, Any] = {}
    for name, value in shown.context["hidden"]:
        sent.setdefault(name, []).append(value)
    return {**sent, **given}


def said(answer: Any) -> list[str]:
    """Give the messages that an answer has left for the next page."""
    return [str(message) for message in get_messages(answer.wsgi_request)]
