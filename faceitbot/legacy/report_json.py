"""The report of an import as JSON: counts first, then what was said of records, one on each line."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TextIO

from faceitbot.legacy.decisions import Told

ACCESS_TO_DECIDE, REFUSED_RECORDS = "access_to_decide", "refused_records"


def write_report(
    stream: TextIO, head: Mapping[str, object], lists: Iterable[tuple[str, Iterator[Told]]]
) -> int:
    """Write a report without holding its records in memory; give how many records it tells of."""
    stream.write(json.dumps(head, ensure_ascii=False, indent=1)[:-2])
    told = 0
    for name, listed in lists:
        stream.write(f',\n "{name}": [')
        for number, one in enumerate(listed):
            stream.write(f"{',' if number else ''}\n  {json.dumps(_as_json(one), ensure_ascii=False)}")
            told += 1
        stream.write("\n ]")
    stream.write("\n}\n")
    return told


def _as_json(told: Told) -> dict[str, object]:
    return {
        **told.place._asdict(),
        "telegram_id": told.telegram_id,
        "code": told.code,
        "sentence": told.sentence,
    }
