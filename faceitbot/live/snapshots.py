"""The newest snapshot of this process: the ticks of websockets and requests over HTTP share it."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import connections

from faceitbot.live.reading import Reader, Reading
from faceitbot.live.telling import tell

# What is done is to be seen within two seconds, and making and sending take a little of them.
TICK_SECONDS = 1.8


@dataclass(frozen=True)
class Told:
    """A snapshot in one language: a text of JSON, and a tag of what it says, not of when."""

    text: str
    etag: str


@dataclass(frozen=True)
class Snapshot:
    """All that the page shows of one moment, in every language."""

    languages: dict[str, Told]

    def told(self, language: str) -> Told:
        """Give it in a language, or in that of the project."""
        return self.languages.get(language) or self.languages[settings.LANGUAGE_CODE]


class Snapshots:
    """Makes snapshots. Concurrency: from any thread; who comes while one is made waits for it.

    Whoever waits gives his connection back before, or all that wait would hold those that others need.
    """

    def __init__(self, read: Callable[[], Reading]) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._made_at = 0.0
        self._newest: Snapshot | None = None

    def current(self) -> Snapshot:
        """Give the newest snapshot; one that is a tick old is made anew."""
        with self._turn():
            # A tick that comes a little early must not be given the one before.
            if self._newest is None or monotonic() - self._made_at > 0.9 * TICK_SECONDS:
                self._made_at = monotonic()
                self._newest = _snapshot(self._read())
            return self._newest

    def current_of_a_tick(self) -> Snapshot:
        """Do the same in a thread that has no request, and give its connection back."""
        try:
            return self.current()
        finally:
            connections.close_all()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._lock.acquire(blocking=False):
            connections.close_all()
            self._lock.acquire()
        try:
            yield
        finally:
            self._lock.release()


def _snapshot(reading: Reading) -> Snapshot:
    return Snapshot({language: _told(reading, language) for language, _name in settings.LANGUAGES})


def _told(reading: Reading, language: str) -> Told:
    content = tell(reading, language)
    etag = hashlib.sha256(json.dumps(_news(reading, content)).encode()).hexdigest()[:32]
    return Told(json.dumps({"at": reading.at.isoformat(), **content}, ensure_ascii=False), f'W/"{etag}"')


def _news(reading: Reading, content: dict[str, Any]) -> dict[str, Any]:
    """Leave out in how many milliseconds servers answer; it is another number at each look."""
    lamps = zip(content["lamps"], reading.lamps, strict=True)
    return {
        **content,
        "lamps": [
            {**lamp, "sentence": ""} if of.check.about_server and not of.is_bad else lamp
            for lamp, of in lamps
        ],
    }


snapshots = Snapshots(Reader().read)
