"""Checks a whole file against the database as it is at one moment, in bounded memory."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, tzinfo
from enum import StrEnum
from io import TextIOWrapper
from itertools import islice
from pathlib import Path

from faceitbot.core.errors import InvalidInput
from faceitbot.core.one_moment import one_moment
from faceitbot.core.progress import Advance
from faceitbot.legacy_check.claims import Claims
from faceitbot.legacy_check.comparing import Comparison, Difference, shown
from faceitbot.legacy_check.expecting import Expected, Refused, Rules
from faceitbot.legacy_check.reading import RecordReader
from faceitbot.legacy_check.stored import Stored, erased_since, load
from faceitbot.models import ImportRun, ImportState
from subscriptions.granting import database_now

RECORDS_AT_ONCE = 1_000


class FileTimeNotKnown(InvalidInput):
    """Nobody has said when the old bot wrote the file last."""

    code = "file_time_not_known"


class Verdict(StrEnum):
    """What became of a record."""

    EQUAL = "equal"
    CHANGED = "changed since"
    REFUSED = "refused"
    MISSING = "missing"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """A record that is missing or wrong, with the fields that are."""

    record: int
    line: int
    telegram_id: int
    verdict: Verdict
    differences: list[Difference] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        """Say it to a person."""
        where = f"record {self.record} (line {self.line}, user {self.telegram_id})"
        if self.verdict is Verdict.MISSING:
            return f"{where}: missing, the user is not in the database."
        fields = "; ".join(
            f"{one.field} is {shown(one.stored)}, by the file {shown(one.expected)}"
            for one in self.differences
        )
        return f"{where}: wrong: {fields}."

    def as_json(self) -> dict[str, object]:
        """Give it as JSON values."""
        fields = [
            {"field": one.field, "expected": shown(one.expected), "stored": shown(one.stored)}
            for one in self.differences
        ]
        return asdict(self) | {"differences": fields, "sentence": self.sentence}


# Called with each record that is missing or wrong.
Tell = Callable[[Finding], object]


@dataclass
class Totals:
    """How many records there are of each verdict; together they are all records of the file."""

    verdicts: Counter[Verdict] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    changed_fields: Counter[str] = field(default_factory=Counter)
    by_hand: int = 0

    @property
    def records(self) -> int:
        """How many records the file holds."""
        return self.verdicts.total()

    @property
    def faulty(self) -> int:
        """How many of them are not as they must be."""
        return self.verdicts[Verdict.MISSING] + self.verdicts[Verdict.WRONG]


@dataclass(frozen=True)
class CheckOrder:
    """What to check; without `as_of`, the time that the last import of this very file went by."""

    path: Path
    naive_zone: tzinfo
    as_of: datetime | None = None


def check_file(order: CheckOrder, tellers: Iterable[Tell], advance: Advance) -> Totals:
    """Compare every record with the database; what is missing or wrong is told one by one.

    Units: `advance` is called with bytes.
    Errors: `FileUnreadable`, `FileTimeNotKnown`, `OSError`.
    """
    totals = Totals()
    file_time = order.as_of or _time_of_import(order.path)
    with order.path.open("rb") as file, Claims() as claims, one_moment():
        text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
        now = database_now()
        comparison, erased = Comparison(file_time, now), erased_since(file_time)
        rules = Rules(order.naive_zone, now, claims)
        fates = (rules.expect(found) for found in RecordReader(text))
        while batch := list(islice(fates, RECORDS_AT_ONCE)):
            stored = load([fate for fate in batch if isinstance(fate, Expected)])
            for finding in _judged(batch, stored, comparison, erased, totals):
                for tell in tellers:
                    tell(finding)
            advance(file.tell())
    return totals


def lines_of(totals: Totals) -> Iterator[str]:
    """Give the totals as lines for a person."""
    for code, count in sorted(totals.refused.items()):
        yield f"refused {code}: {count}"
    for name, count in sorted(totals.changed_fields.items()):
        yield f"changed since, {name}: {count}"
    for name, count in sorted(totals.fields.items()):
        yield f"wrong, {name}: {count}"
    if totals.by_hand:
        yield f"{totals.by_hand} records do not say what access they give: a person has to decide."
    counted = ", ".join(f"{totals.verdicts[verdict]} {verdict}" for verdict in Verdict)
    yield f"{totals.records} records: {counted}."


def _judged(
    fates: list[Expected | Refused],
    stored: Stored,
    comparison: Comparison,
    erased: Counter[datetime],
    totals: Totals,
) -> Iterator[Finding]:
    for fate in fates:
        if isinstance(fate, Refused):
            totals.verdicts[Verdict.REFUSED] += 1
            totals.refused[fate.code] += 1
            continue
        verdict, differences = _verdict(fate, stored, comparison, erased)
        totals.verdicts[verdict] += 1
        totals.by_hand += fate.by_hand
        counts = totals.changed_fields if verdict is Verdict.CHANGED else totals.fields
        counts.update(one.field for one in differences)
        if verdict in (Verdict.MISSING, Verdict.WRONG):
            yield Finding(fate.number, fate.line, fate.telegram_id, verdict, differences)


def _verdict(
    expected: Expected, stored: Stored, comparison: Comparison, erased: Counter[datetime]
) -> tuple[Verdict, list[Difference]]:
    if expected.telegram_id not in stored.users:
        registered = expected.user["created_at"] or comparison.file_time
        if isinstance(registered, datetime) and erased[registered]:
            erased[registered] -= 1
            return Verdict.CHANGED, []
        return Verdict.MISSING, []
    differences = list(comparison.differences(expected, stored))
    wrong = [one for one in differences if not one.changed]
    if wrong:
        return Verdict.WRONG, wrong
    return (Verdict.CHANGED if differences else Verdict.EQUAL), differences


def _time_of_import(path: Path) -> datetime:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    run = ImportRun.objects.filter(sha256=digest, state=ImportState.DONE).first()
    if run is None:
        raise FileTimeNotKnown(
            "this file has not been imported here; say with --as-of when the old bot wrote it last"
        )
    return run.as_of
