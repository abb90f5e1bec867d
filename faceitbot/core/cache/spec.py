"""How one method is cached: which calls are, where their values lie, how long they live."""

from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from types import NoneType
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from django.core.exceptions import ValidationError

from faceitbot.core.cache.arguments import Arguments
from faceitbot.core.cache.call import Call, call_at, calls_at
from faceitbot.core.cache.codec import Codec, codec_of
from faceitbot.core.cache.configuration import lifetime_seconds
from faceitbot.core.cache.keys import Address, Key, address, call_scope, operation_scope, row_scope
from faceitbot.core.cache.protocol import Policy
from faceitbot.core.errors import InvalidInput

LookUps = Mapping[str, Callable[[Any], str | None]]
_LONGEST_IDENTIFIER = 100
_NO_ARGUMENTS = "all"
_NOT_IDENTIFYING = ("now", "fresh")
_SIMPLE = frozenset({int, str, UUID, NoneType})
_MOST_PLACES = 20_000  # whose names a method remembers: some 10 MB


class CachedRepository:
    """What a repository declares for the cache."""

    model: type[Any]
    # The alias for rows; without one, rows are always read from the database.
    cache_alias: ClassVar[str | None] = None
    # The fields besides the key that cached methods look rows up by, each with what makes equal those values
    # that the database may find equal; None for a value of which that cannot be said.
    look_ups: ClassVar[LookUps] = {}


class Spec:
    """How one method is cached."""

    def __init__(
        self,
        function: Callable[..., Any],
        alias: str | None,
        ttl: float | None,
        by: str | None,
        clean: Callable[[Any], Any] | None,
        answered: Callable[[Any], None] | None = None,
    ) -> None:
        self._answered = answered
        self.alias = alias
        self.by = by
        self.operation = function.__name__
        self._ttl = ttl
        self._clean = clean
        self._arguments = Arguments(function)
        self._parameters = self._arguments.names
        self._places: dict[Any, Address] = {}
        self._policy = Policy(0, coherent=by is not None)
        self._identifying = [name for name in self._parameters if name not in _NOT_IDENTIFYING]
        self._is_by_key_alone = by is not None and len(self._parameters) == 1

    def alias_for(self, repository: type[CachedRepository] | CachedRepository) -> str | None:
        """Give the alias that holds the values, or None where the repository caches nothing."""
        return self.alias or repository.cache_alias

    def keeps(self, repository: CachedRepository) -> bool:
        """Say whether there is a cache at all: to clean arguments for none takes longer than to ask."""
        return self._policy_in(self.alias_for(repository)) is not None

    def call(
        self, repository: CachedRepository, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> Call | None:
        """Give where the value of this call lies; None when the call is not to be cached.

        Errors: `InvalidInput` from `clean`.
        """
        alias = self.alias_for(repository)
        policy = self._policy_in(alias)
        if alias is None or policy is None:
            return None
        if self._is_by_key_alone and len(args) == 1 and not kwargs:  # next to all calls
            values, fresh = [self.cleaned(args[0])], False
        else:
            given = self._arguments.bound(args, kwargs)
            if given is None or given.get("now") is not None:
                return None
            if self.by:
                given[self._parameters[0]] = self.cleaned(given[self._parameters[0]])
            values, fresh = [given[name] for name in self._identifying], bool(given.get("fresh"))
        codec = codec_of(repository.model)
        place = self._place(repository, alias, codec, values)
        return place and call_at(alias, codec, place, policy, fresh=fresh)

    def calls(
        self, repository: CachedRepository, values: Sequence[Any], others: Mapping[str, Any]
    ) -> list[Call] | None:
        """Give where the values of the calls for these look-up values lie, which are clean.

        They share the other arguments. None when there are none, or when not all are to be cached.
        """
        alias = self.alias_for(repository)
        policy = self._policy_in(alias)
        given = self._arguments.bound(tuple(values[:1]), others)
        if alias is None or policy is None or given is None or given.get("now") is not None:
            return None
        codec = codec_of(repository.model)
        rest = [given[name] for name in self._identifying[1:]]
        places = [self._place(repository, alias, codec, [value, *rest]) for value in values]
        known = [place for place in places if place is not None]
        if len(known) < len(places):
            return None
        return calls_at(alias, codec, known, policy, fresh=bool(given.get("fresh")))

    def tell(self, value: Any) -> None:
        """Tell who wants to know of every answer, wherever it came from."""
        if self._answered:
            self._answered(value)

    def cleaned(self, value: Any) -> Any:
        """Give a look-up value as the database has it. Errors: `InvalidInput`."""
        return self._clean(value) if self._clean else value

    def scope_of_identifier(self, repository: CachedRepository, identifier: str) -> str:
        """Name what the value depends on that lies under an identifier; the whole operation if unclear."""
        scope = None
        if self.by is None or len(self._identifying) == 1:
            scope = self._scope(repository, identifier, identifier)
        return scope or operation_scope(self.operation)

    def canonical(self, repository: CachedRepository, identifier: str) -> str:
        """Give an identifier as the method's own calls write it. Errors: `InvalidInput`."""
        if self.by is None or len(self._identifying) != 1:
            return identifier
        try:
            return str(repository.model._meta.get_field(self.by).to_python(identifier))
        except ValidationError as error:
            raise InvalidInput(f"{identifier!r} is no {self.by}", field="key") from error

    def _place(
        self, repository: CachedRepository, alias: str, codec: Codec, values: list[Any]
    ) -> Address | None:
        """Give the names of a value and its stamps, which are made once for what is asked for often."""
        # Of other types some are equal and not the same, such as True and 1.
        simple = _SIMPLE.issuperset(map(type, values))
        key = (type(repository), *values) if simple else None
        place = self._places.get(key) if simple else None
        if place is None:
            identifier = self._identifier(values)
            scope = (
                None
                if identifier is None
                else self._scope(repository, values[0] if values else None, identifier)
            )
            if identifier is None or scope is None:
                return None
            named = Key(repository.model._meta.db_table, self.operation, identifier)
            place = address(alias, codec.version, named, scope)
            if simple:
                if len(self._places) >= _MOST_PLACES:
                    newer = list(self._places.items())[_MOST_PLACES // 2 :]
                    self._places = dict(newer)
                self._places[key] = place
        return place

    def _scope(self, repository: CachedRepository, first: object, identifier: str) -> str | None:
        """Name what a value depends on: the rows with this look-up value, or the call alone."""
        if self.by is None:
            return call_scope(self.operation, identifier)
        folded = repository.look_ups.get(self.by, str)(first)
        return None if folded is None else row_scope(self.by, folded)

    def _policy_in(self, alias: str | None) -> Policy | None:
        """Give how long an alias keeps the values; None where it keeps none."""
        seconds = lifetime_seconds(alias) if alias else 0
        if self._ttl is not None and seconds:
            seconds = self._ttl
        if not seconds:
            return None
        if self._policy.seconds != seconds:
            self._policy = Policy(seconds, coherent=self.by is not None)
        return self._policy

    def _identifier(self, values: list[Any]) -> str | None:
        if not values:
            return _NO_ARGUMENTS
        if len(values) == 1 and self.by:
            return str(values[0])
        try:
            text = msgspec.json.encode(values).decode()
        except TypeError:
            return None
        if len(text) > _LONGEST_IDENTIFIER:
            return blake2b(text.encode(), digest_size=16).hexdigest()
        return text
