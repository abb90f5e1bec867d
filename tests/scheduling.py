"""In which order several workers take the files: the longest first, so that all end at about one time."""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

# Each takes longer than most others, the longest first. A folder is one piece of work: what its tests share
# for a session is then made once, not once for each worker.
FOLDERS = ("tests/unprivileged", "tests/startup", "tests/millions", "tests/faceitbot/live")
LONG = (
    "tests/unprivileged",
    "tests/startup",
    "tests/millions",
    "tests/faceitbot/live",
    "tests/admin/test_access.py",
    "tests/subscriptions/test_money_machine.py",
)


def scope_of(nodeid: str) -> str:
    """Give the piece of work that a test belongs to."""
    scope = nodeid.partition("::")[0]
    return next((folder for folder in FOLDERS if scope.startswith(f"{folder}/")), scope)


def place_of(nodeid: str) -> int:
    """Give the place of a test's piece of work among all."""
    scope = scope_of(nodeid)
    return LONG.index(scope) if scope in LONG else len(LONG)


class LongestFirst(LoadScopeScheduling):
    """A piece of work stays with one worker; they are taken as collected, not by how many tests they have."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)
