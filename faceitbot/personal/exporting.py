"""Everything that is held about a person, as JSON values."""

import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from faceitbot.core import clock, personal
from faceitbot.core.ids import telegram_id as checked_telegram_id
from faceitbot.core.personal import Person
from users.models import User


def find(telegram_id: int) -> Person:
    """Give the person with this Telegram id, whether or not anything is held about him.

    Errors: `InvalidInput`.
    """
    wanted = checked_telegram_id(telegram_id, "telegram_id")
    return Person(wanted, User.objects.filter(telegram_id=wanted).values_list("pk", flat=True).first())


def export_person(telegram_id: int) -> dict[str, Any] | None:
    """Give the rows about a person by table, every column of them; None if there are none.

    Shape: {telegram_id, exported_at, held {table: [{column: value}]}}, all of it JSON values.
    Errors: `InvalidInput`.
    """
    person = find(telegram_id)
    held = {table.name: rows for table in personal.tables() if (rows := table.held(person))}
    if not held:
        return None
    answer = {"telegram_id": person.telegram_id, "exported_at": clock.now(), "held": held}
    values: dict[str, Any] = json.loads(json.dumps(answer, cls=DjangoJSONEncoder))
    return values
