"""Metrics that concurrent calls record are written by one statement."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import msgspec

from analytics.metric_rows import MetricRow
from analytics.models import Metric
from faceitbot.core.instances import maker
from faceitbot.core.statements.line import Line, Row

_COLUMNS = ", ".join(MetricRow._fields)
_metric = maker(Metric, ("id", *MetricRow._fields))
_RECORD = f"""
INSERT INTO metrics (id, {_COLUMNS})
SELECT * FROM unnest(%(id)s::uuid[], %(name)s::text[], %(value)s::float8[], %(metric_type)s::text[],
    %(tags)s::jsonb[], %(timestamp)s::timestamptz[], %(period)s::text[])
RETURNING id
"""


@dataclass(frozen=True, eq=False)
class Given:
    """A row that one call records: never the same as that of another."""

    row: MetricRow
    id: UUID = field(default_factory=uuid4)


async def record_together(_repository: object, line: Line, given: Mapping[Given, int]) -> list[Row]:
    """Record the rows on the event loop's own connections."""
    values: dict[str, list[object]] = {
        name: [getattr(each.row, name) for each in given] for name in MetricRow._fields
    }
    values["id"] = [each.id for each in given]
    values["tags"] = [msgspec.json.encode(each.row.tags).decode() for each in given]
    return await line.write("analytics.record_together", _RECORD, values)


async def recorded_together(
    _repository: object, _rows: list[Row], given: Mapping[Given, int]
) -> dict[Given, list[Metric]]:
    """Give the rows as they are stored."""
    return {each: [_metric((each.id, *each.row))] for each in given}
