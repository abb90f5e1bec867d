"""One call of a cached method: where its value lies, how long it lives, how it is encoded."""

from dataclasses import dataclass
from typing import Any

import structlog
from django.db.models import Model

from faceitbot.core.cache import registry
from faceitbot.core.cache.codec import Codec, Undecodable, codec_of
from faceitbot.core.cache.counters import ERROR, Counters
from faceitbot.core.cache.entry import Entry, Why
from faceitbot.core.cache.keys import Address, Key, address
from faceitbot.core.cache.protocol import Loaded, Miss, Policy
from faceitbot.core.cache.server import Server
from faceitbot.core.cache.state import CALL_SECONDS, CacheUnavailable

log = structlog.get_logger(__name__)


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


@dataclass(frozen=True, slots=True)
class Call:
    """What a driver needs to know. `fresh`: load in any case, and renew what is stored."""

    server: Server
    counters: Counters
    codec: Codec
    address: Address
    policy: Policy
    fresh: bool = False

    def decoded(self, entry: Entry) -> Any:
        """Give the value of an entry, or a miss if its bytes are not ours."""
        try:
            return self.codec.decode(entry.payload)
        except Undecodable:
            return Miss(Why.UNDECODABLE, entry.stamps)

    def missed(self, found: Entry | Miss, value: object) -> Miss | None:
        """Give the miss that this is; None for a hit, decoded into the value."""
        if isinstance(found, Miss):
            return found
        if isinstance(value, Miss):
            return value
        return Miss(Why.STALE, found.stamps) if self.fresh else None

    def value_of(self, loaded: Loaded) -> Any:
        """Give a caller's own copy of what was loaded."""
        return loaded.value if loaded.payload is None else self.codec.decode(loaded.payload)

    def loaded(self, value: object) -> Loaded:
        """Give what the protocol stores of a value; the earliest `expires_at` of its rows is its end."""
        rows = value if isinstance(value, list) else [value]
        ends = [row.expires_at for row in rows if isinstance(row, Model) and hasattr(row, "expires_at")]
        seconds = [end.timestamp() for end in ends if end is not None]
        try:
            return Loaded(self.codec.encode(value), min(seconds, default=None))
        except (TypeError, OverflowError) as error:
            log.error("cache.not_encodable", key=self.address.value, message=str(error))  # noqa: TRY400
            self.counters.add(ERROR)
            return Loaded(None, value=value)


def call_at(
    alias: str, model: type[Model], key: Key, scope: str, policy: Policy, *, fresh: bool = False
) -> Call:
    """Give the call whose value lies at a key of an alias."""
    codec = codec_of(model)
    return Call(
        registry.server_of(alias),
        registry.counters_of(alias),
        codec,
        address(alias, codec.version, key, scope),
        policy,
        fresh,
    )
