"""What a metric may be: checked before it waits or is written."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from math import isfinite
from typing import Any, NamedTuple, cast

import msgspec

from analytics.models import Metric
from analytics.models.metrics import MAX_NAME_LENGTH, MetricType
from analytics.moments import sensible
from faceitbot.core import clock
from faceitbot.core.errors import InvalidInput, UnknownField
from faceitbot.core.fields import AnyField
from faceitbot.core.text import clean_text, find_hostile_character
from faceitbot.core.values import storable

MOST_TAGS = 20
MAX_TAG_LENGTH = 64
MAX_TAG_VALUE_LENGTH = 256
_NAME = re.compile("[A-Za-z][A-Za-z0-9_.:-]*")
_FIELDS = {name: cast("AnyField", Metric._meta.get_field(name)) for name in ("name", "value", "metric_type")}
_GIVEN = frozenset({"name", "value", "type", "tags", "timestamp", "period"})
_TYPES = frozenset(MetricType.values)
_MOST_REMEMBERED = 4_096
_PERIOD = cast("AnyField", Metric._meta.get_field("period"))


class MetricRow(NamedTuple):
    """The columns of a metric but its key."""

    name: str
    value: float
    metric_type: str
    tags: dict[str, str]
    timestamp: datetime
    period: str


def metric_row(
    name: object,
    value: object,
    metric_type: object = "counter",
    tags: object = None,
    timestamp: object = None,
    period: object = "",
) -> MetricRow:
    """Give a row that can be stored; without a timestamp it is of this moment.

    Errors: `InvalidInput` that names the argument: a name that is no word, a value that is no finite number,
    another type, tags that are no texts or too many, a timestamp that is naive or out of all
    reason.
    """
    return MetricRow(
        _checked_name(name),
        _checked_value(value),
        _checked_type(metric_type),
        _tags({} if tags is None else tags),
        clock.now() if timestamp is None else sensible(timestamp, "timestamp"),
        "" if period is None or period == "" else str(storable(_PERIOD, period, "period")),
    )


def line_of(row: MetricRow) -> bytes:
    """Give a row as COPY reads it, its columns in the order of `MetricRow`.

    Nothing but a backslash has to be escaped: no text of a metric holds control characters.
    """
    text = (
        row.name,
        repr(row.value),
        row.metric_type,
        msgspec.json.encode(row.tags).decode(),
        row.timestamp.isoformat(),
        row.period,
    )
    return ("\t".join(text).replace("\\", "\\\\") + "\n").encode()


def given_row(given: object) -> MetricRow:
    """Read {name, value, type?, tags?, timestamp?, period?}. Errors: as `metric_row`, and `UnknownField`."""
    if not isinstance(given, Mapping):
        raise InvalidInput(f"a metric must be a mapping, not {type(given).__name__}", field="metrics")
    values: dict[Any, Any] = dict(given)
    for name in values:
        if name not in _GIVEN:
            raise UnknownField(f"a metric has no {name!r}", field=str(name))
    kind = values.pop("type", None)
    return metric_row(
        values.pop("name", None),
        values.pop("value", None),
        "counter" if kind is None else kind,
        **values,
    )


def _tags(tags: object) -> dict[str, str]:
    if type(tags) is not dict and not isinstance(tags, Mapping):
        raise InvalidInput(f"tags must be a mapping, not {type(tags).__name__}", field="tags")
    if len(tags) > MOST_TAGS:
        raise InvalidInput(f"{len(tags)} tags, at most {MOST_TAGS} fit", field="tags")
    return {_tag(key): _tag_value(key, value) for key, value in tags.items()}


def _tag(key: object) -> str:
    if type(key) is str and 0 < len(key) <= MAX_TAG_LENGTH and _is_plain(key):
        return key
    return str.__str__(clean_text(key, "tags", MAX_TAG_LENGTH))  # of a member of an enum its value


def _tag_value(key: object, value: object) -> str:
    if type(value) is str and len(value) <= MAX_TAG_VALUE_LENGTH and _is_plain(value):
        return value
    return str.__str__(clean_text(value, f"tags.{key}", MAX_TAG_VALUE_LENGTH, min_length=0))


def _checked_name(name: object) -> str:
    if type(name) is str and _is_name(name):
        return name
    named = str(storable(_FIELDS["name"], name, "name"))
    if not _NAME.fullmatch(named):
        raise InvalidInput(f"name must be a word such as match.analysed, not {named!r}", field="name")
    return named


def _checked_value(value: object) -> float:
    if type(value) is float and isfinite(value):
        return value
    return cast("float", storable(_FIELDS["value"], value, "value"))


def _checked_type(metric_type: object) -> str:
    if type(metric_type) is str and metric_type in _TYPES:
        return metric_type
    return str(storable(_FIELDS["metric_type"], metric_type, "metric_type"))


# The same few texts come again and again: they are looked at once.
@lru_cache(_MOST_REMEMBERED)
def _is_name(text: str) -> bool:
    return len(text) <= MAX_NAME_LENGTH and _NAME.fullmatch(text) is not None


@lru_cache(_MOST_REMEMBERED)
def _is_plain(text: str) -> bool:
    return find_hostile_character(text) is None
