"""Turns what a cached method gives into bytes and back, without loss of type and without pickle.

A value is a row of the repository's model, a list of rows, None, or plain data: text, numbers, booleans,
datetimes, and lists and dicts of them.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import Model

from faceitbot.core.errors import FaceitBotError
from faceitbot.core.fields import AnyField, column_of
from faceitbot.core.instances import maker

FORMAT = 1  # of the entries; a new one makes every stored value unknown
_NOTHING, _ROW, _ROWS, _PLAIN = b"0", b"1", b"2", b"3"
_TYPES: dict[str, Any] = {
    "AutoField": int,
    "BigAutoField": int,
    "SmallIntegerField": int,
    "IntegerField": int,
    "BigIntegerField": int,
    "PositiveSmallIntegerField": int,
    "PositiveIntegerField": int,
    "PositiveBigIntegerField": int,
    "BooleanField": bool,
    "CharField": str,
    "TextField": str,
    "SlugField": str,
    "FloatField": float,
    "DecimalField": Decimal,
    "UUIDField": UUID,
    "DateTimeField": datetime,
    "DateField": date,
    "TimeField": time,
    "DurationField": timedelta,
    "JSONField": Any,
}


class Undecodable(FaceitBotError):
    """Stored bytes are not what this version has written. Never leaves the cache."""


class Codec:
    """Encodes what the cached methods of one model's repository give."""

    def __init__(self, model: type[Model]) -> None:
        self._model = model
        columns: list[AnyField] = list(model._meta.concrete_fields)
        self._names = [column.attname for column in columns]
        row: Any = tuple[*(_type_of(column) for column in columns)]  # type: ignore[misc]
        self._encode = msgspec.msgpack.Encoder(uuid_format="canonical", decimal_format="string").encode
        self._decoders: dict[bytes, Callable[[bytes], Any]] = {
            _NOTHING: _nothing,
            _ROW: self._reader(msgspec.msgpack.Decoder(row)),
            _ROWS: self._readers(msgspec.msgpack.Decoder(list[row])),
            _PLAIN: msgspec.msgpack.Decoder().decode,
        }
        described = repr([FORMAT, model._meta.label, [(c.attname, str(_type_of(c))) for c in columns]])
        self.version = blake2b(described.encode(), digest_size=4).hexdigest()

    def encode(self, value: object) -> bytes:
        """Give the bytes of a value.

        Errors: `TypeError` for what would come back as something else: a tuple, an id in plain data, what is
        not a number; `OverflowError` for an integer of more than 64 bits.
        """
        if value is None:
            return _NOTHING
        if isinstance(value, self._model):
            return _ROW + self._encode(self._values(value))
        if isinstance(value, list) and value and all(isinstance(row, self._model) for row in value):
            return _ROWS + self._encode([self._values(row) for row in value])
        payload = _PLAIN + self._encode(value)
        if self.decode(payload) != value:
            raise TypeError(
                f"{type(value).__name__} cannot be cached: it holds more than text, numbers, datetimes,"
                " lists and dicts"
            )
        return payload

    def decode(self, payload: bytes) -> Any:
        """Give the value of the bytes, a new one each time. Errors: `Undecodable`."""
        try:
            return self._decoders[payload[:1]](payload[1:])
        except (KeyError, ValueError, RecursionError, MemoryError, msgspec.MsgspecError) as error:
            raise Undecodable(str(error)) from error

    def _values(self, row: Model) -> list[Any]:
        return [getattr(row, name) for name in self._names]

    def _reader(self, decoder: "msgspec.msgpack.Decoder[Any]") -> Callable[[bytes], Model]:
        make = maker(self._model, self._names)
        return lambda payload: make(decoder.decode(payload))

    def _readers(self, decoder: "msgspec.msgpack.Decoder[Any]") -> Callable[[bytes], list[Model]]:
        make = maker(self._model, self._names)
        return lambda payload: [make(row) for row in decoder.decode(payload)]


_codecs: dict[type[Model], Codec] = {}


def codec_of(model: type[Model]) -> Codec:
    """Give the codec of a model's repository."""
    codec = _codecs.get(model)
    if codec is None:
        codec = _codecs[model] = Codec(model)
    return codec


def _nothing(payload: bytes) -> None:
    if payload:
        raise Undecodable("nothing has no bytes")


def _type_of(column: AnyField) -> Any:
    internal = column_of(column).get_internal_type()
    if internal not in _TYPES:
        raise TypeError(f"{column.model.__name__}.{column.attname} ({internal}) cannot be cached")
    return _TYPES[internal] | None if column.null else _TYPES[internal]
