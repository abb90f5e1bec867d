"""How one method is cached: which calls are, where their values lie, how long they live."""

import inspect
from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any, ClassVar

import msgspec
from django.core.exceptions import ValidationError

from faceitbot.core.cache.call import Call, call_at
from faceitbot.core.cache.configuration import lifetime_seconds
from faceitbot.core.cache.keys import Key, call_scope, operation_scope, row_scope
from faceitbot.core.cache.protocol import Policy
from faceitbot.core.errors import InvalidInput

LookUps = Mapping[str, Callable[[Any], str | None]]
_LONGEST_IDENTIFIER = 100
_NO_ARGUMENTS = "all"
_NOT_IDENTIFYING = ("now", "fresh")


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
        self._signature = inspect.signature(function)
        self._parameters = list(self._signature.parameters)[1:]
        self._identifying = [name for name in self._parameters if name not in _NOT_IDENTIFYING]

    def alias_for(self, repository: type[CachedRepository] | CachedRepository) -> str | None:
        """Give the alias that holds the values, or None where the repository caches nothing."""
        return self.alias or repository.cache_alias

    def call(
        self, repository: CachedRepository, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> Call | None:
        """Give where the value of this call lies; None when the call is not to be cached.

        Errors: `InvalidInput` from `clean`.
        """
        alias = self.alias_for(repository)
        seconds = self._seconds(alias) if alias else 0
        if alias is None or not seconds:
            return None
        given = self._bound(repository, args, kwargs)
        if given is None or given.get("now") is not None:
            return None
        first = given[self._parameters[0]] if self.by else None
        if self.by:
            first = given[self._parameters[0]] = self.cleaned(first)
        identifier = self._identifier(given)
        scope = None if identifier is None else self._scope(repository, first, identifier)
        if identifier is None or scope is None:
            return None
        return call_at(
            alias,
            repository.model,
            Key(repository.model._meta.db_table, self.operation, identifier),
            scope,
            Policy(seconds, coherent=self.by is not None),
            fresh=bool(given.get("fresh")),
        )

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

    def _scope(self, repository: CachedRepository, first: object, identifier: str) -> str | None:
        """Name what a value depends on: the rows with this look-up value, or the call alone."""
        if self.by is None:
            return call_scope(self.operation, identifier)
        folded = repository.look_ups.get(self.by, str)(first)
        return None if folded is None else row_scope(self.by, folded)

    def _seconds(self, alias: str) -> float:
        seconds = lifetime_seconds(alias)
        return self._ttl if self._ttl is not None and seconds else seconds

    def _bound(
        self, repository: object, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        """Give the arguments by name; None when they are none, for the body to complain."""
        if len(args) == len(self._parameters) and not kwargs:
            return dict(zip(self._parameters, args, strict=True))
        try:
            bound = self._signature.bind(repository, *args, **kwargs)
        except TypeError:
            return None
        bound.apply_defaults()
        return {name: bound.arguments[name] for name in self._parameters}

    def _identifier(self, given: Mapping[str, Any]) -> str | None:
        values = [given[name] for name in self._identifying]
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
