"""What an import did, for a person and for a program."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TextIO

from faceitbot.legacy.decisions import Decisions
from faceitbot.legacy.report_json import write_report
from faceitbot.legacy.writing import Written

MAX_PRINTED_REFUSALS = 20


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
            **vars(self.written),
            "refused": self.decisions.refused.total(),
            "refusals": _sorted(self.decisions.refused),
            "notes": _sorted(self.decisions.noted),
            "subscriptions_left": self.decisions.with_subscription,
        }

    def lines(self) -> Iterator[str]:
        """Give the report as lines for a person; refused records come one by one, up to a bound."""
        total = self.decisions.refused.total()
        for number, told in enumerate(self.decisions.refusals()):
            if number == MAX_PRINTED_REFUSALS:
                yield f"... and {total - number} more; --report FILE has them all."
                break
            yield told.sentence
        for code, count in _sorted(self.decisions.noted).items():
            yield f"note {code}: {count}"
        if self.decisions.with_subscription:
            yield (
                f"{self.decisions.with_subscription} records hold a subscription; this version leaves them in"
                " the file."
            )
        written = self.written
        yield (
            f"{'Dry run, nothing written: ' if self.dry_run else ''}{self.decisions.records} records: "
            f"{written.created} created, {written.updated} updated, {written.unchanged} unchanged, "
            f"{written.newer} newer in the database, {total} refused."
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
                ("refused_records", self.decisions.refusals()),
                ("noted_records", self.decisions.notes()),
            ),
        )


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return {str(code): counts[code] for code in sorted(counts)}
