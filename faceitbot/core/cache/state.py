"""What a process knows of one Redis server: whether to ask it, and what to doubt."""

import threading
from collections.abc import Callable
from random import random
from time import monotonic, time

from faceitbot.core.breaker import Breaker
from faceitbot.core.cache.doubts import Doubts
from faceitbot.core.cache.shelf import Shelf
from faceitbot.core.errors import Unavailable

CALL_SECONDS = 0.25  # that Redis may add to one call of a repository
ANSWER_SECONDS = 0.2  # after which a server that was asked by an event loop has failed
STEP_SECONDS = 0.1  # after which it has failed a thread: the sockets' timeout, in the settings
FAILURES, WITHIN_SECONDS, OPEN_SECONDS = 5, 10.0, 5.0


class CacheUnavailable(Unavailable):
    """Redis did not answer in time, or refused. Never leaves the cache."""

    code = "cache_unavailable"


class State:
    """Shared by all threads and event loops of the process.

    `epoch` is another one after every move of stamps here; a load that began in an earlier one may be old.
    Units: `shelf_bytes` as `Shelf`.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time,
        steady: Callable[[], float] = monotonic,
        chance: Callable[[], float] = random,
        *,
        shelf_bytes: int = 0,
    ) -> None:
        self.doubts = Doubts()
        self.shelf = Shelf(shelf_bytes, clock, steady, chance)
        self.breaker = Breaker(FAILURES, WITHIN_SECONDS, OPEN_SECONDS)
        self.clock = clock
        self.epoch = object()
        self.answers = True  # as far as the keeper knows, which tries while it does not
        self.woken = threading.Event()

    def is_usable(self) -> bool:
        """Say whether to ask Redis at all."""
        return self.answers and not self.breaker.is_open()

    def doubt_everything(self) -> None:
        """Trust nothing stored or read before: Redis may be another one since, or this process."""
        self.doubts.add_every_table()
        self.shelf.clear()

    def wake(self) -> None:
        """Have the keeper see whether Redis answers, and move what is in doubt."""
        self.woken.set()
