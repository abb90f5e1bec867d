"""Counts how the calls of hot methods ran, and how many ran together, in this process."""

import threading
from collections import Counter, defaultdict
from typing import Final

# On the event loop's own connections; the same statement on a worker thread, on Django's connection; the
# method's ordinary body on a worker thread.
POOL: Final = "pool"
THREAD: Final = "thread"
BODY: Final = "body"

_lock = threading.Lock()
_calls: Counter[tuple[str, str]] = Counter()
_sizes: defaultdict[str, Counter[int]] = defaultdict(Counter)


def count_call(method: str, way: str, number: int = 1) -> None:
    """Count a call of a method, or several."""
    with _lock:
        _calls[method, way] += number


def count_batch(method: str, size: int) -> None:
    """Count a statement, by the number of calls that share it."""
    with _lock:
        _sizes[method][size] += 1


def calls(method: str) -> dict[str, int]:
    """Give how many calls of a method ran each way."""
    with _lock:
        return {way: number for (name, way), number in _calls.items() if name == method}


def all_calls() -> dict[tuple[str, str], int]:
    """Give how many calls of each method ran each way."""
    with _lock:
        return dict(_calls)


def all_batch_sizes() -> dict[str, dict[int, int]]:
    """Give how many statements of each name were shared by how many calls."""
    with _lock:
        return {name: dict(sizes) for name, sizes in _sizes.items()}


def batch_sizes(method: str) -> dict[int, int]:
    """Give how many statements were shared by how many calls of a method."""
    with _lock:
        return dict(_sizes.get(method, ()))
