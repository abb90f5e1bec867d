"""Charts of one value for each of some days, as unfold's chart components take them."""

import json
from collections.abc import Iterable
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import pgettext

COLOUR = "var(--color-primary-600)"


def chart(name: str, days: Iterable[tuple[date, float]]) -> str:
    """Give a chart's data, oldest day first; "" when there is nothing to show."""
    values = list(days)
    if not any(value for _day, value in values):
        return ""
    bars = {
        "label": name,
        "data": [value for _day, value in values],
        "backgroundColor": COLOUR,
        "borderColor": COLOUR,
        "displayYAxis": True,
        "maxTicksXLimit": 10,
    }
    return json.dumps(
        {
            "labels": [date_format(day, pgettext("day of a chart", "j M")) for day, _value in values],
            "datasets": [bars],
        }
    )
