"""What a repository has of the cache: declarations, how it tells of its writes, and keys by hand."""

from collections.abc import Collection, Mapping, Sequence
from contextvars import ContextVar
from typing import Any

from django.db.models import Model

from faceitbot.core.cache import awaiting, registry
from faceitbot.core.cache.call import Call, Conversation, call_at
from faceitbot.core.cache.codec import codec_of
from faceitbot.core.cache.configuration import lifetime_seconds
from faceitbot.core.cache.entry import Stamps
from faceitbot.core.cache.invalidation import invalidate, invalidate_now, invalidate_table
from faceitbot.core.cache.keys import (
    Key,
    address,
    call_scope,
    operation_scope,
    parse_key,
    parse_pattern,
    row_scope,
)
from faceitbot.core.cache.link import link_to
from faceitbot.core.cache.methods import CachedBody
from faceitbot.core.cache.protocol import Policy, find, mint, store
from faceitbot.core.cache.spec import CachedRepository, Spec
from faceitbot.core.errors import InvalidInput
from faceitbot.core.transactions import query
from faceitbot.core.values import whole

_MOST_LEASES = 16
_MOST_SECONDS = 24 * 60 * 60

# The stamps that this task saw where `_get_from_cache` found nothing, by the value's name in Redis.
_leases: ContextVar[Mapping[str, Stamps]] = ContextVar("leases", default={})  # noqa: B039 - never changed in place


class Caching(CachedRepository):
    """Base of the repositories."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if hasattr(cls, "model"):
            for method in cls.cached_methods():
                alias = method.spec.alias_for(cls)
                if alias:
                    registry.add_table(cls.model._meta.db_table, alias)

    @classmethod
    def cached_methods(cls) -> list[CachedBody[Any, Any, Any]]:
        """Give the methods that a cache decorator stands above."""
        found = {name: value for base in reversed(cls.__mro__) for name, value in vars(base).items()}
        return [value for value in found.values() if isinstance(value, CachedBody)]

    # ---- Telling of writes

    def _scopes(self, *rows: Model) -> set[str]:
        """Name what cached look-ups find these rows by, as they are now."""
        scopes = {row_scope("id", str(row.pk)) for row in rows}
        for field, fold in self.look_ups.items():
            values = (getattr(row, field) for row in rows)
            folded = [fold(value) for value in values if value is not None]
            scopes |= {row_scope(field, text) for text in folded if text is not None}
            if None in folded:
                # Whom the database finds by this value cannot be told: all that was found so is in doubt.
                scopes |= {
                    operation_scope(spec.operation) for spec in self._specs().values() if spec.by == field
                }
        return scopes

    def _written(self, scopes: Collection[str]) -> None:
        """Tell the cache of rows, by their `_scopes` before and after the write, once it has committed."""
        if self.cache_alias:
            invalidate(self.cache_alias, self.model._meta.db_table, scopes)

    async def _written_here(self, rows: Sequence[Model], hold_seconds: float = 0) -> None:
        """Tell the cache of rows that the event loop itself has written, after the commit.

        None of their look-up values may have changed. `hold_seconds` as for `invalidate_now`.
        """
        if self.cache_alias and rows:
            await invalidate_now(
                self.cache_alias, self.model._meta.db_table, self._scopes(*rows), hold_seconds
            )

    def _written_many(self) -> None:
        """Tell the cache of a write over many rows: by one stamp, whatever their number."""
        invalidate_table(self.model._meta.db_table)

    # ---- Keys by hand, for what a decorator cannot express

    async def _get_from_cache(self, key: str) -> Any:
        """Give the value that lies at `table:operation:identifier`, or None.

        A None that was stored looks like nothing. Errors: `InvalidInput` for a key that is none, or that
        belongs to another table.
        """
        call = self._call(key, _MOST_SECONDS)
        if call is None:
            return None
        state = call.server.state
        link, talk = link_to(call.server), Conversation(call.counters)
        began = state.shelf.ask()
        found = await awaiting.drive(find(call.address, state), link, talk)
        value, missed = call.served(found, began)
        if missed is None:
            return value
        stamps = await awaiting.drive(mint(call.address, missed, state), link, talk)
        if stamps is not None:
            latest = dict([*_leases.get().items()][1 - _MOST_LEASES :])
            _leases.set({**latest, call.address.value: stamps})
        return None

    async def _set_cache(self, key: str, value: Any, ttl: int) -> None:
        """Keep a value that this task has loaded after `_get_from_cache` found nothing there.

        Without that look nothing is kept: the value might be older than a write that is already known. Under
        the operation of a cached method, writes of its rows end the value; under another, only patterns do.
        Units: `ttl` in seconds, 1 to 86 400. Errors: as `_get_from_cache`.
        """
        call = self._call(key, whole("ttl", ttl, 1, _MOST_SECONDS))
        stamps = _leases.get().get(call.address.value) if call else None
        if call is None or stamps is None:
            return
        _leases.set({name: lease for name, lease in _leases.get().items() if name != call.address.value})
        call.server.state.shelf.written((call.address.scope,))
        steps = store(call.address, stamps, call.loaded(value), call.policy, call.server.state)
        await awaiting.drive(steps, link_to(call.server), Conversation(call.counters))

    @query
    def _invalidate_cache(self, pattern: str) -> None:
        """Serve none of these values any more; from the commit on where a transaction is open.

        Shape: an exact key, `table:operation:*` or `table:*`. Errors: `InvalidInput` for another pattern.
        """
        key = self._own(parse_pattern(pattern))
        if key.operation is None:
            invalidate_table(key.table)
            return
        alias, scope, _coherent = self._place(key)
        if alias:
            invalidate(alias, key.table, {scope})

    def _call(self, text: str, seconds: float) -> Call | None:
        key = self._own(parse_key(text))
        alias, scope, coherent = self._place(key)
        if alias and not lifetime_seconds(alias):
            return None  # switched off
        if not alias:
            return None
        codec = codec_of(self.model)
        return call_at(alias, codec, address(alias, codec.version, key, scope), Policy(seconds, coherent))

    def _own(self, key: Key) -> Key:
        table = self.model._meta.db_table
        if key.table != table:
            raise InvalidInput(f"keys of this repository begin with {table}:, not {key.table}:", field="key")
        spec = self._specs().get(str(key.operation))
        if spec is None or key.identifier is None:
            return key
        return key._replace(identifier=spec.canonical(self, key.identifier))

    @classmethod
    def _specs(cls) -> dict[str, Spec]:
        return {method.spec.operation: method.spec for method in cls.cached_methods()}

    def _place(self, key: Key) -> tuple[str | None, str, bool]:
        """Give the alias and the scope of a key's value, and whether writes of rows move its stamp."""
        operation, identifier = str(key.operation), key.identifier
        spec = self._specs().get(operation)
        if identifier is None:
            scope = operation_scope(operation)
        elif spec is None:
            scope = call_scope(operation, identifier)
        else:
            scope = spec.scope_of_identifier(self, identifier)
        return (
            spec.alias_for(self) if spec else self.cache_alias,
            scope,
            spec is not None and spec.by is not None,
        )
