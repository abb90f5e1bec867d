"""Which records are asked for: those of some users, or those that an earlier import could not take."""

import json
from dataclasses import dataclass
from pathlib import Path

from faceitbot.core.errors import InvalidInput
from faceitbot.core.ids import TELEGRAM_ID_MAX
from faceitbot.legacy.report_json import ACCESS_TO_DECIDE, REFUSED_RECORDS

# What a report lists for a person to put right.
REPORTED = (REFUSED_RECORDS, ACCESS_TO_DECIDE)


class ChoiceUnreadable(InvalidInput):
    """Nobody can tell from it which records are meant."""

    code = "choice_unreadable"


@dataclass(frozen=True)
class Choice:
    """Users by their Telegram ids, and records by their numbers where no id was readable."""

    telegram_ids: frozenset[int]
    records: frozenset[int] = frozenset()

    def wants(self, record: int, telegram_id: int | None) -> bool:
        """Whether this record is asked for."""
        return telegram_id in self.telegram_ids or record in self.records


def read_choice(text: str) -> Choice:
    """Give the choice that stands in `ID[,ID...]`, or in a report when it is `@FILE`.

    Errors: `ChoiceUnreadable`; `OSError` for a report that cannot be opened.
    """
    return _from_report(Path(text[1:])) if text.startswith("@") else _from_ids(text)


def _from_ids(text: str) -> Choice:
    ids = [part.strip() for part in text.split(",")]
    for one in ids:
        if not (one.isascii() and one.isdecimal() and len(one) <= len(str(TELEGRAM_ID_MAX))):
            raise ChoiceUnreadable(f"{one!r} is not a Telegram id; write 123,456 or @report.json")
    return Choice(frozenset(map(int, ids)))


def _from_report(path: Path) -> Choice:
    try:
        report = json.loads(path.read_bytes())
        listed = [line for name in REPORTED for line in report[name]]
        told = [(line["record"], line["telegram_id"]) for line in listed]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ChoiceUnreadable(f"{path} is not the report of an import") from error
    return Choice(
        frozenset(telegram_id for _record, telegram_id in told if telegram_id is not None),
        frozenset(record for record, telegram_id in told if telegram_id is None),
    )
