"""What a metric may be: checked before it waits or is written."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, cast

from analytics.models import Metric
from faceitbot.core import clock
from faceitbot.core.errors import InvalidInput, UnknownField
from faceitbot.core.fields import AnyField
from faceitbot.core.text import clean_text
from faceitbot.core.values import storable

MOST_TAGS = 20
MAX_TAG_LENGTH = 64
MAX_TAG_VALUE_LENGTH = 256
_NAME = re.compile("[A-Za-z][A-Za-z0-9_.:-]*")
_FIELDS = {name: cast("AnyField", Metric._meta.get_field(name)) for name in ("name", "value", "metric_type")}
_GIVEN = frozenset({"name", "value", "type", "tags", "timestamp", "period"})
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
    another type, tags that are no texts or too many, a naive timestamp.
    """
    named = str(storable(_FIELDS["name"], name, "name"))
    if not _NAME.fullmatch(named):
        raise InvalidInput(f"name must be a word such as match.analysed, not {named!r}", field="name")
    return MetricRow(
        named,
        cast("float", storable(_FIELDS["value"], value, "value")),
        str(storable(_FIELDS["metric_type"], metric_type, "metric_type")),
        _tags({} if tags is None else tags),
        clock.now() if timestamp is None else clock.aware(timestamp, "timestamp"),
        str(storable(_PERIOD, "" if period is None else period, "period")),
    )


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
    if not isinstance(tags, Mapping):
        raise InvalidInput(f"tags must be a mapping, not {type(tags).__name__}", field="tags")
    if len(tags) > MOST_TAGS:
        raise InvalidInput(f"{len(tags)} tags, at most {MOST_TAGS} fit", field="tags")
    return {
        # Of members of enums, their values.
        str.__str__(clean_text(key, "tags", MAX_TAG_LENGTH)): str.__str__(
            clean_text(value, f"tags.{key}", MAX_TAG_VALUE_LENGTH, min_length=0)
        )
        for key, value in tags.items()
    }
