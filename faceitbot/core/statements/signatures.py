"""What gives the key of a call understands that call's arguments as the method does."""

import inspect
from collections.abc import Callable, Iterable
from inspect import Parameter, Signature
from typing import Any

from faceitbot.core.transactions import Body

Key = Callable[..., Any]


def key_of_call(key: Key, body: Body[Any, ..., Any]) -> Key:
    """Give a function of a call's arguments.

    `key` has the method's own parameters; for a method that has one, it may be any function of its value.
    Errors: `TypeError` for another key, when the module of the method is imported.
    """
    _self, *theirs = inspect.signature(body.function).parameters.values()
    taken, given = _described(inspect.signature(key).parameters.values()), _described(theirs)
    if taken == given:
        return key
    if len(given) == 1:
        return _of_one(key, Signature(theirs))
    raise TypeError(f"the key of {body.name} takes {taken}, the method {given}")


def _of_one(key: Key, signature: Signature) -> Key:
    def of_call(*args: Any, **kwargs: Any) -> Any:
        if kwargs or len(args) != 1:
            args = signature.bind(*args, **kwargs).args
        return key(args[0])

    return of_call


def _described(parameters: Iterable[Parameter]) -> list[str]:
    """Name parameters, and what they are where they are not given."""
    return [
        each.name if each.default is each.empty else f"{each.name}={each.default!r}" for each in parameters
    ]
