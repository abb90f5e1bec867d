"""Columns by their names, for statements that are written for all of them."""

from collections.abc import Iterable
from typing import cast

from django.db import connection
from django.db.models import Model

from faceitbot.core.fields import AnyField

Fields = dict[str, AnyField]


def fields_of(model: type[Model], names: Iterable[str]) -> Fields:
    """Give the model's fields by these names, which are those of columns."""
    return {name: cast("AnyField", model._meta.get_field(name)) for name in names}


def arrays(fields: Fields) -> str:
    """Give the SQL of one parameter for each column, an array of its values."""
    return ", ".join(f"%({name})s::{field.db_type(connection)}[]" for name, field in fields.items())


def prefixed(prefix: str, names: Iterable[str]) -> str:
    """Give the SQL of columns of one table: `old.kills, old.deaths`."""
    return ", ".join(f"{prefix}.{name}" for name in names)
