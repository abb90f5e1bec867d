"""One call of a cached method: where its value lies, how long it lives, how it is encoded."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from django.db.models import Model

from faceitbot.core.cache import registry
from faceitbot.core.cache.codec import Codec, Undecodable
from faceitbot.core.cache.counters import ERROR, IN_PROCESS, Counters
from faceitbot.core.cache.entry import Entry, Why
from faceitbot.core.cache.keys import Address
from faceitbot.core.cache.protocol import Loaded, Miss, Policy
from faceitbot.core.cache.server import Server
from faceitbot.core.cache.shelf import Asked
from faceitbot.core.cache.state import CALL_SECONDS, CacheUnavailable

log = structlog.get_logger(__name__)
NOTHING = object()  # where None is a value


class Conversation:
    """What one call says to Redis. Units: `left` is the time in seconds that Redis may still take from it."""

    __slots__ = ("counters", "left")

    def __init__(self, counters: Counters) -> None:
        self.left = CALL_SECONDS
        self.counters = counters

    def demand(self, seconds: float) -> None:
        """Go on only if that much time is left. Errors: `CacheUnavailable`."""
        if self.left <= seconds:
            raise CacheUnavailable("the time for Redis is used up")

    def took(self, seconds: float) -> None:
        """Note how long an answer took."""
        self.left -= seconds

    def failed(self) -> None:
        """Note that a step has failed."""
        self.counters.add(ERROR)


@dataclass(slots=True)  # frozen, it takes three times as long to make
class Call:
    """What a driver needs to know; nobody changes it. `fresh`: load in any case, renew what is stored."""

    server: Server
    counters: Counters
    codec: Codec
    address: Address
    policy: Policy
    fresh: bool = False

    def here(self) -> Any:
        """Give the value if this process has just read it, and count that; else NOTHING."""
        value = self.here_uncounted()
        if value is not NOTHING:
            self.counters.add(IN_PROCESS)
        return value

    def is_here(self) -> bool:
        """Say whether this process has just read the value."""
        return self.policy.coherent and self.server.state.shelf.find(self.address) is not None

    def here_uncounted(self) -> Any:
        """Give the value if this process has just read it, for who counts many at once; else NOTHING."""
        if not self.policy.coherent:
            return NOTHING
        payload = self.server.state.shelf.find(self.address)
        return NOTHING if payload is None else self.codec.decode(payload)

    def served(self, found: Entry | Miss, asked: Asked) -> tuple[Any, Miss | None]:
        """Give the value of what a reader has found, or the miss that it is; count it, and keep a hit."""
        value, miss = None, found if isinstance(found, Miss) else None
        if isinstance(found, Entry):
            try:
                value = self.codec.decode(found.payload)
            except Undecodable:
                miss = Miss(Why.UNDECODABLE, found.stamps)
            else:
                if self.fresh:
                    miss = Miss(Why.STALE, found.stamps)
                elif self.policy.coherent:
                    self.server.state.shelf.keep(self.address, asked, found.payload, found.expires)
        self.counters.add_read(miss)
        return (value, None) if miss is None else (None, miss)

    def value_of(self, loaded: Loaded) -> Any:
        """Give a caller's own copy of what was loaded."""
        return loaded.value if loaded.payload is None else self.codec.decode(loaded.payload)

    def loaded(self, value: object) -> Loaded:
        """Give what the protocol stores of a value; the earliest `expires_at` of its rows is its end."""
        rows = value if isinstance(value, list) else [value]
        ends = [row.expires_at for row in rows if isinstance(row, Model) and hasattr(row, "expires_at")]
        seconds = [end.timestamp() for end in ends if end is not None]
        try:
            return Loaded(self.codec.encode(value), min(seconds, default=None), value)
        except (TypeError, OverflowError) as error:
            log.error("cache.not_encodable", key=self.address.value, message=str(error))  # noqa: TRY400
            self.counters.add(ERROR)
            return Loaded(None, value=value)


def call_at(alias: str, codec: Codec, place: Address, policy: Policy, *, fresh: bool = False) -> Call:
    """Give the call whose value lies at a place of an alias."""
    return Call(registry.server_of(alias), registry.counters_of(alias), codec, place, policy, fresh)


def calls_at(
    alias: str, codec: Codec, places: Sequence[Address], policy: Policy, *, fresh: bool = False
) -> list[Call]:
    """Give the calls whose values lie at these places of an alias."""
    server, counters = registry.server_of(alias), registry.counters_of(alias)
    return [Call(server, counters, codec, place, policy, fresh) for place in places]
