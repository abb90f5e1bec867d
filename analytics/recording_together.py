"""Metrics that concurrent calls record are written by one statement."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS

from analytics.metric_rows import MetricRow
from analytics.models import Metric
from faceitbot.core.statements.line import Line

_COLUMNS = ", ".join(MetricRow._fields)
_NAMES = ("id", *MetricRow._fields)
# The numbers are drawn first, so that each caller learns which one is his row's.
_RECORD = f"""
WITH given AS (
    SELECT nextval(pg_get_serial_sequence('metrics', 'id')) AS id, given.*
    FROM unnest(%(name)s::text[], %(value)s::float8[], %(metric_type)s::text[], %(tags)s::jsonb[],
        %(timestamp)s::timestamptz[], %(period)s::text[]) WITH ORDINALITY AS given ({_COLUMNS}, place)
), recorded AS (
    INSERT INTO metrics (id, {_COLUMNS}) SELECT id, {_COLUMNS} FROM given ORDER BY place
)
SELECT id FROM given ORDER BY place
"""


@dataclass(frozen=True, eq=False)
class Given:
    """A row that one call records: never the same as that of another."""

    row: MetricRow


async def record_together(
    _repository: object, line: Line, given: Mapping[Given, int]
) -> dict[Given, list[Metric]]:
    """Record the rows on the event loop's own connections; give them as they are stored."""
    values: dict[str, list[object]] = {
        name: [getattr(each.row, name) for each in given] for name in MetricRow._fields
    }
    values["tags"] = [json.dumps(each.row.tags) for each in given]
    keys = await line.write("analytics.record_together", _RECORD, values)
    return {
        each: [Metric.from_db(DEFAULT_DB_ALIAS, _NAMES, (key, *each.row))]
        for each, (key,) in zip(given, keys, strict=True)
    }
