"""The filter language of every repository.

`{field: value}` is equality, `{field: [values]}` is IN, `{field: {operator: value, ...}}` applies every
operator. Fields come from the repository's own list, so a join through `__` or a misspelt name is refused
instead of being obeyed or ignored. `ne` counts an empty column as different.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.db import models
from django.db.models import Q

from faceitbot.core.errors import InvalidInput, UnknownField
from faceitbot.core.fields import AnyField
from faceitbot.core.values import comparable

Filters = Mapping[str, Any]
_COMPARISONS = {"lt": "lt", "lte": "lte", "gt": "gt", "gte": "gte"}
_TEXT_SEARCHES = {"like": "contains", "ilike": "icontains", "startswith": "startswith"}


def build_filter(model: type[models.Model], allowed: Collection[str], filters: Filters | None) -> Q:
    """Give the condition that the filters mean, an empty one for none.

    Errors: `UnknownField` for a field or operator that is not offered, `InvalidInput` for a wrong value.
    """
    if filters is None:
        return Q()
    if not isinstance(filters, Mapping):
        raise InvalidInput(f"filters must be a mapping, not {type(filters).__name__}", field="filters")
    condition = Q()
    for name, wanted in filters.items():
        condition &= _field_condition(known_field(model, allowed, name), name, wanted)
    return condition


def known_field(model: type[models.Model], allowed: Collection[str], name: object) -> AnyField:
    """Give the model field of an allowed name; refuse any other name."""
    if not isinstance(name, str) or name not in allowed:
        raise UnknownField(f"{model.__name__} has no field {name!r} here", field=str(name))
    field = model._meta.get_field(name)
    if not isinstance(field, models.Field):
        raise UnknownField(f"{name} is not a column of {model.__name__}", field=name)
    return field


def _field_condition(field: AnyField, name: str, wanted: object) -> Q:
    if isinstance(wanted, Mapping):
        if not wanted:
            raise InvalidInput(f"the filter of {name} names no operator", field=name)
        condition = Q()
        for operator, value in wanted.items():
            condition &= _operator(operator, name)(field, name, value)
        return condition
    if isinstance(wanted, list | tuple | set | frozenset):
        return _is_in(field, name, wanted)
    return _equals(field, name, wanted)


def _operator(operator: object, name: str) -> Callable[[AnyField, str, Any], Q]:
    found = _OPERATORS.get(operator) if isinstance(operator, str) else None
    if found is None:
        raise UnknownField(f"the filter of {name} has an unknown operator {operator!r}", field=name)
    return found


def _equals(field: AnyField, name: str, value: object) -> Q:
    if value is None:
        return Q((f"{name}__isnull", True))
    return Q((name, comparable(field, value, name)))


def _differs(field: AnyField, name: str, value: object) -> Q:
    return ~_equals(field, name, value)


def _is_in(field: AnyField, name: str, values: object) -> Q:
    if not isinstance(values, list | tuple | set | frozenset):
        raise InvalidInput(f"{name} in: a list is wanted, not {type(values).__name__}", field=name)
    present = [comparable(field, value, name) for value in values if value is not None]
    condition = Q((f"{name}__in", present))
    return condition | Q((f"{name}__isnull", True)) if len(present) < len(values) else condition


def _is_null(_field: AnyField, name: str, value: object) -> Q:
    if not isinstance(value, bool):
        raise InvalidInput(f"{name} isnull: True or False is wanted", field=name)
    return Q((f"{name}__isnull", value))


def _compares(lookup: str) -> Callable[[AnyField, str, Any], Q]:
    def condition(field: AnyField, name: str, value: object) -> Q:
        return Q((f"{name}__{lookup}", comparable(field, value, name)))

    return condition


def _searches(lookup: str) -> Callable[[AnyField, str, Any], Q]:
    def condition(field: AnyField, name: str, value: object) -> Q:
        if not isinstance(field, models.CharField | models.TextField):
            raise InvalidInput(f"{name} is not text, it cannot be searched", field=name)
        return Q((f"{name}__{lookup}", comparable(field, value, name)))

    return condition


_OPERATORS: dict[str, Callable[[AnyField, str, Any], Q]] = {
    "eq": _equals,
    "ne": _differs,
    "in": _is_in,
    "isnull": _is_null,
    **{operator: _compares(lookup) for operator, lookup in _COMPARISONS.items()},
    **{operator: _searches(lookup) for operator, lookup in _TEXT_SEARCHES.items()},
}
