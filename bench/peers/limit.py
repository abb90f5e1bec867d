"""The statement that counts a request, for drivers with placeholders of their own."""

import re
from typing import Any
from uuid import UUID

from django.conf import settings

from subscriptions.allowance import _CONSUME_TOGETHER

NAMES = ("user_ids", "numbers", "now", "zone")


def counted_with(placeholder: str) -> str:
    """Give our statement with other placeholders: `{}` stands for a name."""
    return re.sub(r"%\((\w+)\)s", lambda found: placeholder.format(found[1]), _CONSUME_TOGETHER)


def counted_by_place() -> str:
    """Give our statement with placeholders `$1`, `$2`, in the order of `NAMES`."""
    return re.sub(r"%\((\w+)\)s", lambda found: f"${NAMES.index(found[1]) + 1}", _CONSUME_TOGETHER)


def values_of(user_id: UUID) -> dict[str, Any]:
    """Give the values for one request of a user."""
    return {"user_ids": [user_id], "numbers": [1], "now": None, "zone": settings.BOT_TIME_ZONE}
