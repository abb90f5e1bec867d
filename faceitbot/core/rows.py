"""Reads what a caller wants to write: a mapping, a dataclass, or anything with `model_dump()`."""

from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from django.db import models

from faceitbot.core.errors import InvalidInput, UnknownField
from faceitbot.core.values import storable


def read_values(obj_in: object) -> dict[str, Any]:
    """Give the fields of the caller's object as a new dict; the object stays as it is."""
    if isinstance(obj_in, Mapping):
        return dict(obj_in)
    if is_dataclass(obj_in) and not isinstance(obj_in, type):
        return {field.name: getattr(obj_in, field.name) for field in fields(obj_in)}
    dump = getattr(obj_in, "model_dump", None)
    if callable(dump):
        return dict(dump())
    raise InvalidInput(
        f"obj_in must be a mapping, a dataclass or a model, not {type(obj_in).__name__}", field="obj_in"
    )


def checked_values(
    model: type[models.Model], allowed: Collection[str], values: Mapping[str, Any]
) -> dict[str, Any]:
    """Give the values as they may be written.

    Errors: `UnknownField` for a name that is not to be written this way, `InvalidInput` for a wrong value.
    """
    checked: dict[str, Any] = {}
    for name, value in values.items():
        if name not in allowed:
            raise UnknownField(f"{name!r} of {model.__name__} cannot be written here", field=str(name))
        field = model._meta.get_field(name)
        assert isinstance(field, models.Field)  # noqa: S101 - the class lists columns only; tells mypy
        checked[name] = storable(field, value, name)
    return checked
