"""Finds the files that are meant by some paths, and says of each which body it holds."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faceitbot.core.errors import InvalidInput
from faceitbot.faceit import Kind, kind_of
from faceitbot.faceit.loading import MOST_BYTES, load

# Matches come before their statistics, which do not say when they were played: of bodies that are kept they
# learn it. Histories and webhooks are not kept, so they come afterwards and tell it to the statistics.
ORDER = (
    Kind.PLAYER,
    Kind.MATCH,
    Kind.HUB_MATCHES,
    Kind.LIFETIME_STATS,
    Kind.GAME_STATS,
    Kind.MATCH_STATS,
    Kind.HISTORY,
    Kind.WEBHOOK,
    Kind.SEARCH,
    Kind.RANKING,
    Kind.BANS,
    Kind.EMPTY,
)


@dataclass(frozen=True)
class SavedBody:
    """A file, and which body it holds."""

    path: Path
    kind: Kind


def files_of(paths: Iterable[Path]) -> Iterator[Path]:
    """Give files as they are named, and of folders every `.json` below, in the order of their names.

    Errors: `FileNotFoundError` for a path that is not there.
    """
    for path in paths:
        if path.is_dir():
            yield from sorted(found for found in path.rglob("*.json") if found.is_file())
        elif path.exists():
            yield path
        else:
            raise FileNotFoundError(2, "No such file or directory", str(path))


def saved_body(path: Path) -> SavedBody:
    """Say which body a file holds. Errors: `InvalidInput` with the reason."""
    kind = kind_of(load_file(path))
    if kind is None:
        raise InvalidInput("the body is none of those that FACEIT sends", field="body")
    return SavedBody(path, kind)


def load_file(path: Path) -> Any:
    """Give the object that a file holds. Errors: `InvalidInput`, also for what cannot be read."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InvalidInput(f"the file is larger than {MOST_BYTES} bytes", field="body")
        return load(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except OSError as error:
        raise InvalidInput(f"the file cannot be read: {error.strerror}", field="body") from error
