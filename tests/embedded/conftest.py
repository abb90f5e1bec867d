"""State folders where the servers' own account can reach them, and servers apart from those of the suite."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from faceitbot.embedded import State, Urls, servers


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that is removed afterwards; root's is not pytest's, which nobody else may enter."""
    path = Path(tempfile.mkdtemp(prefix="faceitbot-test-", dir="/tmp" if os.geteuid() == 0 else None))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def state(folder: Path) -> State:
    return State(folder / "state")


def embedded(state: State) -> AbstractContextManager[Urls]:
    """The servers of a state folder, whatever DATABASE_URL and REDIS_URL say."""
    return servers(state, use_given=False)
