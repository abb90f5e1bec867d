"""Arguments are bound as Python binds them."""

import inspect

import pytest

from faceitbot.core.cache.arguments import Arguments

CALLS = [
    (args, kwargs)
    for args in [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)]
    for kwargs in [{}, {"key": 5}, {"game": 6}, {"now": 7}, {"game": 6, "now": 7}, {"other": 8}, {"self": 9}]
]


def method(self, key, game="cs2", now=None):
    """Take what cached methods take."""


@pytest.mark.parametrize(("args", "kwargs"), CALLS)
def test_a_call_is_bound_as_python_does_or_not_at_all(args, kwargs):
    try:
        bound = inspect.signature(method).bind(None, *args, **kwargs)
    except TypeError:
        expected = None
    else:
        bound.apply_defaults()
        expected = list(bound.arguments.items())[1:]

    found = Arguments(method).bound(args, kwargs)

    assert (found and list(found.items())) == expected


def test_other_parameters_are_refused():
    with pytest.raises(TypeError, match="plain ones"):
        Arguments(lambda self, *keys: keys)
