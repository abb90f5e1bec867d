"""What a thread has for the time of a block."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def during(there: threading.local, name: str, value: object) -> Iterator[None]:
    """Let the running thread have a value in this block, and afterwards what it had before, or None."""
    before = getattr(there, name, None)
    setattr(there, name, value)
    try:
        yield
    finally:
        setattr(there, name, before)
