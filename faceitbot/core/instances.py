"""Instances of rows, made as Django makes them, without what that does for nobody."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model
from django.db.models.base import ModelState
from django.db.models.fields.related_descriptors import ForeignKeyDeferredAttribute
from django.db.models.query_utils import DeferredAttribute
from django.db.models.signals import post_init, pre_init

M = TypeVar("M", bound=Model)
_PLAIN_ATTRIBUTES = {DeferredAttribute, ForeignKeyDeferredAttribute}


def maker(model: type[M], names: Sequence[str]) -> Callable[[Sequence[Any]], M]:
    """Give what makes instances of the values of these columns, just like `from_db`.

    That calls `__init__`, which sets each attribute for itself and sends two signals. Where that does nothing
    else, for nobody listens and nothing is overridden, the attributes are put in their place at once.
    """
    from_db: Any = model.from_db
    plain_model: Any = Model

    def carefully(values: Sequence[Any]) -> M:
        made: M = from_db(DEFAULT_DB_ALIAS, names, values)
        return made

    plain = {type(inspect.getattr_static(model, name)) for name in names} <= _PLAIN_ATTRIBUTES
    overridden = (
        model.__init__ is not plain_model.__init__
        or getattr(from_db, "__func__", None) is not plain_model.from_db.__func__
    )
    if overridden or not plain:
        return carefully

    def at_once(values: Sequence[Any]) -> M:
        if pre_init.receivers or post_init.receivers:
            return carefully(values)
        instance = model.__new__(model)
        state = ModelState()
        state.db, state.adding = DEFAULT_DB_ALIAS, False
        attributes = instance.__dict__
        attributes["_state"] = state
        attributes.update(zip(names, values, strict=True))
        return instance

    return at_once
