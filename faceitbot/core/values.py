"""Checks of one value against one model field, strict about types.

Django's own conversion takes `True` for 1, "7" for 7 and a naive datetime for UTC. Here the type must be
right: a wrong argument is a bug of the caller and is named, never guessed at.
"""

import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, cast

from django.db import connection, models

from faceitbot.core.clock import aware
from faceitbot.core.errors import InvalidInput
from faceitbot.core.fields import AnyField, TelegramIdField
from faceitbot.core.ids import row_id, telegram_id
from faceitbot.core.json_values import clean_json
from faceitbot.core.text import clean_text

_UNBOUNDED = 1_000_000


def comparable(field: AnyField, value: object, name: str) -> object:
    """Give a value that may be compared with the field's column; None is not one.

    Errors: `InvalidInput` that names the field.
    """
    if field.is_relation:
        return comparable(cast("models.ForeignKey[Any, Any]", field).target_field, value, name)
    match field:
        case models.UUIDField():
            return row_id(value, name)
        case models.BooleanField():
            return _instance(value, bool, name)
        case models.IntegerField():
            return _integer(field, value, name)
        case models.FloatField():
            return _finite(value, name)
        case models.DateTimeField():
            return aware(value, name)
        case models.DateField():
            return _day(value, name)
        case models.CharField() | models.TextField():
            return clean_text(value, name, _UNBOUNDED, min_length=0)
    raise InvalidInput(f"{name} cannot be compared", field=name)


def storable(field: AnyField, value: object, name: str) -> object:
    """Give a value that may be written to the field's column.

    Errors: `InvalidInput` that names the field: wrong type, too long, out of range, not a choice, empty.
    """
    if value is None:
        if field.null:
            return None
        raise InvalidInput(f"{name} must not be empty", field=name)
    if isinstance(field, TelegramIdField):
        return telegram_id(value, name)
    if isinstance(field, models.JSONField):
        return clean_json(value, name)
    if isinstance(field, models.CharField | models.TextField):
        # A nullable text says "none" with NULL, so that there are not two ways to say it.
        shortest = 0 if field.blank and not field.null else 1
        value = clean_text(value, name, field.max_length or _UNBOUNDED, min_length=shortest)
    else:
        value = comparable(field, value, name)
    if field.choices and value not in {choice for choice, _label in field.flatchoices}:
        raise InvalidInput(f"{name} must be one of the choices of {field.model.__name__}", field=name)
    return value


def _instance(value: object, wanted: type, name: str) -> object:
    if not isinstance(value, wanted):
        raise InvalidInput(f"{name} must be {wanted.__name__}, not {type(value).__name__}", field=name)
    return value


def listed(name: str, value: object) -> list[Any]:
    """Give the items of any iterable as a list of our own, or refuse what holds no items, by its name.

    Text is refused too: its letters are never what is meant.
    """
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise InvalidInput(f"{name} must be a list, not {type(value).__name__}", field=name)
    return list(value)


def whole(name: str, value: object, lowest: int, highest: int) -> int:
    """Give a whole number within its bounds, or refuse it by its name."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidInput(f"{name} must be int, not {type(value).__name__}", field=name)
    if not lowest <= value <= highest:
        raise InvalidInput(f"{name} must be from {lowest} to {highest}, not {value}", field=name)
    return value


def _integer(field: AnyField, value: object, name: str) -> int:
    lowest, highest = connection.ops.integer_field_range(field.get_internal_type())
    return whole(name, value, lowest, highest)


def _finite(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidInput(f"{name} must be a number, not {type(value).__name__}", field=name)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise InvalidInput(f"{name} must be a finite number", field=name)
    return number


def _day(value: object, name: str) -> date:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise InvalidInput(f"{name} must be a date, not {type(value).__name__}", field=name)
    return value
