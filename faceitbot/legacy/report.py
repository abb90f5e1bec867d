"""What an import did, for a person and for a program."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TextIO

from faceitbot.legacy.decisions import Decisions, Told
from faceitbot.legacy.report_json import ACCESS_TO_DECIDE, REFUSED_RECORDS, write_report
from faceitbot.legacy.writing import Written

MAX_PRINTED = 20


@dataclass(frozen=True)
class ImportReport:
    """Counts of one import; `decisions` still gives the refused records and the notes one by one."""

    file_name: str
    sha256: str
    as_of: datetime
    dry_run: bool
    written: Written
    decisions: Decisions

    @property
    def counts(self) -> dict[str, object]:
        """Give the counts as JSON values.

        Each record is one of created, updated, unchanged, newer and refused.
        """
        return {
            "records": self.decisions.records,
            "left_out": self.decisions.left_out,
            **vars(self.written),
            "refused": self.decisions.refused.total(),
            "undecided": self.decisions.undecided,
            "refusals": _sorted(self.decisions.refused),
            "notes": _sorted(self.decisions.noted),
        }

    def lines(self) -> Iterator[str]:
        """Give the report as lines for a person: what was decided of the file, then what was written."""
        yield from lines_of(self.decisions, "--report FILE has them all")
        written = self.written
        if self.decisions.left_out:
            yield f"{self.decisions.left_out} other records of the file left out."
        if missing := sorted(filter(None, self.decisions.not_found)):
            more = ", ..." if len(missing) > MAX_PRINTED else ""
            yield f"Not in the file: {', '.join(map(str, missing[:MAX_PRINTED]))}{more}."
        if written.grants or written.referrals:
            yield f"Grants given: {written.grants}, referrals recorded: {written.referrals}."
        yield (
            f"{'Dry run, nothing written: ' if self.dry_run else ''}{self.decisions.records} records: "
            f"{written.created} created, {written.updated} updated, {written.unchanged} unchanged, "
            f"{written.newer} newer in the database, "
            f"{self.decisions.refused.total()} refused."
        )

    def write_json(self, stream: TextIO) -> None:
        """Write counts, refused records and notes, one per line, without holding them in memory."""
        head = {
            "file": self.file_name,
            "sha256": self.sha256,
            "as_of": self.as_of.isoformat(),
            "dry_run": self.dry_run,
            **self.counts,
        }
        write_report(
            stream,
            head,
            (
                (ACCESS_TO_DECIDE, self.decisions.to_decide()),
                (REFUSED_RECORDS, self.decisions.refusals()),
                ("noted_records", self.decisions.notes()),
            ),
        )


def lines_of(decisions: Decisions, rest: str, most: int = MAX_PRINTED) -> Iterator[str]:
    """Give as lines for a person what he has to decide, what is refused, and what was noted.

    Of single records come `most` at a time; `rest` says where all of them are.
    """
    yield from _some(decisions.to_decide(), decisions.undecided, rest, most)
    yield from _some(decisions.refusals(), decisions.refused.total(), rest, most)
    for code, count in _sorted(decisions.noted).items():
        yield f"note {code}: {count}"


def _some(listed: Iterator[Told], total: int, rest: str, most: int) -> Iterator[str]:
    for number, told in enumerate(listed):
        if number == most:
            yield f"... and {total - number} more; {rest}."
            return
        yield told.sentence


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return {str(code): counts[code] for code in sorted(counts)}
