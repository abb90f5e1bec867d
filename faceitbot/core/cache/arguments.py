"""The arguments of a call by the names of their parameters, as Python binds them, in a tenth of the time."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

_LACKING = object()


class Arguments:
    """The parameters of a method, without `self`."""

    def __init__(self, function: Callable[..., Any]) -> None:
        parameters = list(inspect.signature(function).parameters.values())[1:]
        if any(each.kind is not each.POSITIONAL_OR_KEYWORD for each in parameters):
            raise TypeError(f"{function.__name__} cannot be cached: its parameters must be plain ones")
        self.names = [each.name for each in parameters]
        self._defaults = {each.name: each.default for each in parameters if each.default is not each.empty}

    def bound(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any] | None:
        """Give the arguments in the order of their parameters; None for a call that Python would refuse."""
        names, given = self.names, len(args)
        if given == len(names) and not kwargs:
            return dict(zip(names, args, strict=True))
        rest = names[given:]
        if given > len(names) or not kwargs.keys() <= set(rest):
            return None
        bound = dict(zip(names, args, strict=False))
        for name in rest:
            value = kwargs.get(name, self._defaults.get(name, _LACKING))
            if value is _LACKING:
                return None
            bound[name] = value
        return bound
