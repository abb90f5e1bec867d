"""Every event of the product has words for staff."""

import ast

from analytics.events import EVENTS
from tests.architecture.sources import modules


def names_of_events():
    """Give what the calls of `emit` name: a text, or a constant that is a text or an action of the log."""
    texts: set[str] = set()
    named: set[str] = set()
    constants: dict[str, set[str]] = {}
    for path in modules("product"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "emit":
                first = node.args[0]
                (texts if isinstance(first, ast.Constant) else named).add(
                    first.value if isinstance(first, ast.Constant) else ast.unparse(first)
                )
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                value = (
                    node.value.args[0] if isinstance(node.value, ast.Call) and node.value.args else node.value
                )
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    constants.setdefault(node.targets[0].id, set()).add(value.value)
    return texts, {name: constants.get(name, set()) for name in named}


def test_every_event_that_the_product_reports_is_known():
    texts, constants = names_of_events()

    assert texts <= EVENTS.keys()
    assert set(constants) == {"COMPLETED", "REFUNDED", "REVIEWED", "FAILED_REQUEST", "action"}
    for name in ("COMPLETED", "REFUNDED", "REVIEWED", "FAILED_REQUEST"):
        assert constants[name] & EVENTS.keys(), name


def test_no_words_are_kept_for_what_nobody_reports():
    texts, constants = names_of_events()
    of_constants = {value for values in constants.values() for value in values}

    assert EVENTS.keys() - texts - of_constants == {"user.blocked", "user.unblocked", "metric.lost"}
